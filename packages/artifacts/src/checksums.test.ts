import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { formatChecksums, parseChecksums } from "./checksums.ts";
import { artifactErrorOf } from "./test-helpers.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

describe("checksums", () => {
  it("are sorted by name and read back as they were", () => {
    const name = fc
      .string({ unit: fc.constantFrom(..."aZ09._- ü"), minLength: 1 })
      .filter((text) => text !== "." && text !== "..");
    fc.assert(
      fc.property(fc.uniqueArray(name), (files) => {
        const list = files.map((file) => ({ sha256: hash(file), file }));
        const text = formatChecksums(list);
        expect(formatChecksums(list.toReversed())).toBe(text);
        expect(parseChecksums(text, "f")).toEqual(list.toSorted((a, b) => (a.file < b.file ? -1 : 1)));
      }),
    );
  });

  it("are accepted by sha256sum -c, and those it writes by us", ({ skip }) => {
    if (spawnSync("sha256sum", ["--version"]).error !== undefined) return skip("sha256sum is not installed");
    const folder = mkdtempSync(path.join(os.tmpdir(), "sums-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const files = ["b.tar.zst", "a b.json"];
    for (const file of files) writeFileSync(path.join(folder, file), file);
    writeFileSync(path.join(folder, "sums.txt"), formatChecksums(files.map((file) => ({ sha256: hash(file), file }))));
    const check = () => spawnSync("sha256sum", ["--strict", "-c", "sums.txt"], { cwd: folder, encoding: "utf8" });
    expect(check()).toMatchObject({ status: 0, stdout: "a b.json: OK\nb.tar.zst: OK\n" });
    const written = spawnSync("sha256sum", ["--", ...files], { cwd: folder, encoding: "utf8" }).stdout;
    expect(parseChecksums(written, "f")).toEqual(files.map((file) => ({ sha256: hash(file), file })));
    writeFileSync(path.join(folder, "a b.json"), "changed");
    expect(check().status).toBe(1);
  });

  it.each([
    ["a path", `${hash("a")}  ../a`],
    ["a folder", `${hash("a")}  a/b`],
    ["a backslash", `${hash("a")}  a\\b`],
    ["the parent folder", `${hash("a")}  ..`],
    ["a short hash", `${hash("a").slice(1)}  a`],
    ["capitals", `${hash("a").toUpperCase()}  a`],
    ["a single space", `${hash("a")} a`],
    ["no name", `${hash("a")}  `],
    ["a web page", "<html>"],
  ])("with %s name the line", (_, line) => {
    const error = artifactErrorOf(() => parseChecksums(`${hash("b")}  b\n${line}\n`, "sums.txt"));
    expect(error.message).toMatch(
      /^Cannot read checksums "sums\.txt": line 2: expected "SHA256 {2}FILE" with a bare file name, found "/,
    );
  });
});
