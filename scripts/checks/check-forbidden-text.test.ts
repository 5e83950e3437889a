import { describe, expect, it } from "vitest";
import { checkForbiddenText, checkLockfile } from "./check-forbidden-text.ts";
import { madeUpTree } from "./test-helpers.ts";

const messages = (file: string, text: string) =>
  checkForbiddenText(madeUpTree({ [file]: `first\n${text}\n` })).map(({ line, message }) => {
    expect(line).toBe(2);
    return message;
  });

// Put together here, so that this file does not hold what it forbids.
const dot = ".";
const slash = "/";

describe("forbidden text", () => {
  it.each([
    ["README.md", `see ${slash}work/main`, "a path of one machine"],
    ["packages/a/src/a.ts", `"${slash}root/x"`, "a path of one machine"],
    ["docs/a.md", `in ${slash}home/ann/bench`, "a path of one machine"],
    ["docs/a.md", `in ${slash}Users/ann/bench`, "a path of one machine"],
    [".ci/run", `cd ${slash}work/main`, "a path of one machine"],
    ["docs/a.md", `https://registry${dot}example.org/x`, "the host of a registry"],
    ["packages/a/src/a.test.ts", `it${dot}only("x", f)`, "a test that is left out or alone"],
    ["packages/a/src/a.test.ts", `describe${dot}skip("x", f)`, "a test that is left out or alone"],
    ["packages/a/src/a.test.ts", `it.concurrent${dot}skip("x", f)`, "a test that is left out or alone"],
    ["packages/a/src/a.ts", `// ${"TO"}DO later`, "a note to oneself"],
    ["scripts/bench/a.mjs", `// ${"FIX"}ME`, "a note to oneself"],
  ])("refuses in %s: %s", (file, text, message) => {
    expect(messages(file, text)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["README.md", "work/main, ./work/x, path/to/root/file, https://example.org/home/page"],
    ["packages/a/src/a.test.ts", 'it.skipIf(noTar)("x", f)'],
    ["docs/a.md", `say so in ${"TO"}DO lists`],
    ["packages/a/src/a.ts", "const registry = new Registry(); todo.only()"],
    ["packages/a/src/a.ts", "/^[/]root$/"],
  ])("allows in %s: %s", (file, text) => {
    expect(messages(file, text)).toEqual([]);
  });
});

describe("lock file", () => {
  const lock = (text: string) => checkLockfile(madeUpTree({ "pnpm-lock.yaml": text })).map(({ line }) => line);

  it("allows integrity hashes and deprecation notes", () => {
    expect(lock("a@1.0.0:\n  resolution: {integrity: sha512-x}\n  deprecated: see https://example.org\n")).toEqual([]);
  });

  it("refuses addresses", () => {
    expect(lock("a:\n  resolution: {integrity: sha512-x, tarball: https://example.org/a.tgz}\n")).toEqual([2]);
    expect(lock("a:\n  resolution: {tarball: file:a.tgz}\n")).toEqual([2]);
  });
});
