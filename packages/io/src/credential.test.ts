import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Credential, credentialIn } from "./credential.ts";

const API = "https://api.example.org/v3";

describe("credentialIn", () => {
  it("is what the named variable holds, and nothing where none is named", () => {
    expect(credentialIn({ TOKEN: "ghp_abc" }, "TOKEN", API)).toMatchObject({
      value: "ghp_abc",
      variable: "TOKEN",
      origin: "https://api.example.org",
    });
    expect(credentialIn({ TOKEN: "ghp_abc" }, undefined, API)).toBeUndefined();
  });

  it.each([
    [undefined, 'the variable "TOKEN" is not set'],
    ["", 'the variable "TOKEN" is not set'],
    ["canary with spaces", "holds more than a token"],
    ["canary\n", "holds more than a token"],
    ["canary\u00e9", "holds more than a token"],
  ])("%j is refused without being quoted", (value, problem) => {
    expect(() => credentialIn({ TOKEN: value }, "TOKEN", API)).toThrow(problem);
    expect(() => credentialIn({ TOKEN: value }, "TOKEN", API)).not.toThrow(/canary/);
  });

  it("that is optional may be unset, but not wrong", () => {
    expect(credentialIn({ TOKEN: "" }, "TOKEN", API, { isOptional: true })).toBeUndefined();
    expect(() => credentialIn({ TOKEN: "a b" }, "TOKEN", API, { isOptional: true })).toThrow("holds more than a token");
  });
});

it("a credential shows its variable and never its secret, however it is printed", () => {
  const credential = new Credential("canary", "TOKEN", API);
  const access = { credential };
  const shown = [
    ...[JSON.stringify(access), inspect(access, { depth: null, showHidden: true }), String(credential)],
    ...[format("%o %O %j %s", access, access, access, credential), JSON.stringify({ ...credential })],
    ...[inspect(Object.assign(new Error("x"), access)), JSON.stringify(Object.entries(credential))],
  ];
  for (const text of shown) expect(text).not.toContain("canary");
  expect(shown[0]).toContain("TOKEN");
  expect(shown[1]).toContain("TOKEN");
});
