import { describe, expect, it } from "vitest";
import { tokenOf } from "./token.ts";

describe("tokenOf", () => {
  it("is what the named variable holds, and nothing where none is named", () => {
    expect(tokenOf({ TOKEN: "ghp_abc" }, "TOKEN")).toBe("ghp_abc");
    expect(tokenOf({ TOKEN: "ghp_abc" }, undefined)).toBeUndefined();
  });

  it.each([
    [undefined, 'the variable "TOKEN" is not set'],
    ["", 'the variable "TOKEN" is not set'],
    ["canary with spaces", "holds more than a token"],
    ["canary\n", "holds more than a token"],
    ["canary\u00e9", "holds more than a token"],
  ])("%j is refused without being quoted", (value, problem) => {
    expect(() => tokenOf({ TOKEN: value }, "TOKEN")).toThrow(problem);
    expect(() => tokenOf({ TOKEN: value }, "TOKEN")).not.toThrow(/canary/);
  });
});
