import { UsageError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { parseStorePlace, storeCredential, storeName } from "./store-place.ts";

const parse = (text: string) => parseStorePlace(text, "store", "/data");
const branch = (remote: string, name = "forgebench-data") => ({ type: "branch", remote, branch: name });

describe("parseStorePlace", () => {
  it.each([
    ["history", { type: "folder", folder: "/data/history" }],
    ["/else where/h", { type: "folder", folder: "/else where/h" }],
    ["../repo#", branch("/repo")],
    ["repo.git#data/nights", branch("/data/repo.git", "data/nights")],
    ["https://example.org/a/b.git", branch("https://example.org/a/b.git")],
    ["https://example.org/a/b.git#x", branch("https://example.org/a/b.git", "x")],
    ["http://127.0.0.1:8080/a.git#", branch("http://127.0.0.1:8080/a.git")],
    ["ssh://git@example.org/a.git", branch("ssh://git@example.org/a.git")],
    ["file:///srv/a.git", branch("file:///srv/a.git")],
  ])("takes %j", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ["http://example.org/a.git#", "uses http://, which is not allowed here"],
    ["ext::sh -c evil#", "uses ext://, which"],
    ["https://#", "is no address"],
    ["ext://x/y#", "uses ext://"],
    ["git://example.org/a", "uses git://"],
    ["#b", "names no repository"],
    ["repo#-x", "is not a valid branch name"],
    ["repo#a..b", "is not a valid branch name"],
    ["repo#a b", "is not a valid branch name"],
    ["repo#b.", "is not a valid branch name"],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(message);
  });

  it("refuses a password in an address without showing it", () => {
    for (const text of [
      "https://user:s3cret@example.org/a.git#",
      "https://s3cret@example.org/a.git",
      "ssh://a:s3cret@h/a",
    ]) {
      expect(() => parse(text)).toThrow("holds a user name or a password");
      expect(() => parse(text)).not.toThrow("s3cret");
    }
  });
});

it("a token goes to https and to this machine only", () => {
  const credential = (text: string) => storeCredential(parse(text), { T: "canary" }, "T");
  expect(credential("https://example.org:8443/a/b.git#")?.origin).toBe("https://example.org:8443");
  expect(credential("http://localhost:8080/a.git#")?.origin).toBe("http://localhost:8080");
  expect(storeCredential(parse("folder"), { T: "canary" }, undefined)).toBeUndefined();
  for (const text of ["folder", "repo#", "ssh://git@example.org/a.git", "file:///srv/a.git"]) {
    expect(() => credential(text)).toThrow("a token is sent to https:// only");
  }
});

it("a store is named as one would give it again", () => {
  expect([parse("h"), parse("r#b")].map(storeName)).toEqual(["/data/h", "/data/r#b"]);
});
