import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { findLeaks } from "./leaks.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "leaks "));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each([
  ["logs/job/1.log", "note: ::set-output in the middle of a line is text\n", []],
  [
    "logs/job/1.log",
    "all well\n::set-output name=X::1\n",
    ["output of a subject became a command: act-1/logs/job/1.log"],
  ],
  ["logs/job/1.output", "A=1\nFORGED=1\n", ["output of a subject became a command: act-1/logs/job/1.output"]],
  ["artifacts/night/a.json", '{"a": "the-token"}', ["a secret is in act-1/artifacts/night/a.json"]],
  ["artifacts/night/pwned", "", ["a command from outside was run: act-1/artifacts/night/pwned"]],
])("%s holding %j", async (file, text, found) => {
  const folder = mkdtempSync(path.join(root, "run-"));
  mkdirSync(path.dirname(path.join(folder, "act-1", file)), { recursive: true });
  writeFileSync(path.join(folder, "act-1", file), text);
  expect(await findLeaks(folder, ["the-token"])).toEqual(found);
});
