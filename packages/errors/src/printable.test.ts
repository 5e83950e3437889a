import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableLine } from "./printable.ts";

describe("printable", () => {
  it.each([
    ["an escape sequence", "\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["a one-byte control sequence", "\u009b31m", "\\x9b31m"],
    ["a window title", "\u001b]0;owned\u0007", "\\x1b]0;owned\\x07"],
    ["a carriage return that hides what was there", "secret\rclean", "secret\\x0dclean"],
    ["a backspace", "a\bb", "a\\x08b"],
    ["a right-to-left override", "cod\u202egpj.exe", "cod\\x202egpj.exe"],
    ["an isolate", "\u2066x\u2069", "\\x2066x\\x2069"],
    ["a direction mark", "\u200fx\u200e\u061c", "\\x200fx\\x200e\\x61c"],
    ["a line separator", "a\u2028b", "a\\x2028b"],
    ["a workflow command", "::error::x", "\u2059::error::x"],
    [
      "a workflow command on a later line, indented",
      "a\n \t::set-output name=x::y",
      "a\n \t\u2059::set-output name=x::y",
    ],
    ["an old workflow command, which acts anywhere in a line", "a ##[add-path]x", "a ##\u2059[add-path]x"],
    ["nothing of plain text", "tab\tand\nlines, ünï – 図, a::b", "tab\tand\nlines, ünï – 図, a::b"],
  ])("disarms %s", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it("leaves no control character, direction mark or command in any text", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("::", "##[", "\n", "\r", "\u001b", "\u202e", " "),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 12 }), (parts) => {
        const text = printable(parts.join(""));
        expect(text).not.toMatch(/[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
        expect(text).not.toMatch(/^\s*::/m);
        expect(text).not.toContain("##[");
      }),
    );
  });
});

describe("printableLine", () => {
  it("joins lines and cuts what is too long", () => {
    expect(printableLine("  a\n\n  b\r\n c  ")).toBe("a / b / c");
    expect(printableLine("x".repeat(300))).toBe(`${"x".repeat(199)}…`);
    expect(printableLine("abcdef", 4)).toBe("abc…");
    expect(printableLine("abcdef", 6)).toBe("abcdef");
  });

  it("never cuts a character in two", () => {
    expect(printableLine("ab😀cd", 4)).toBe("ab…");
    expect(printableLine("ab😀cd", 5)).toBe("ab😀…");
  });
});

it("leaves out what stands before the @ of an address", () => {
  expect(printable("at https://user:secret@host/a@b and git://token@host")).toBe(
    "at https://***@host/a@b and git://***@host",
  );
});
