import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { memoryIo } from "@forgebench/io";
import { afterAll, expect, it } from "vitest";
import { main } from "./quickstart.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "quickstart refusals "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(suite: string, ...args: readonly string[]) {
  writeFileSync(path.join(folder, "s.yaml"), suite);
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH } });
  const exitCode = await main(["--suite", "s.yaml", "--workspace", "w", ...args], io);
  return { exitCode, stderr: io.stderrText() };
}

const IMAGES = `
name: images
subject: { argv: [node, "{cli}", "{input}", "{profile}"] }
profiles: [{ id: A }, { id: B }]
scenarios: [{ name: all, files: all }]
`;
const COMMAND = "name: nap\nsubject: { argv: [sleep, 0.1] }\nscenarios: [{ name: one }]\n";

it.each([
  [COMMAND, [], '--suite: "nap" is not for a CLI that works on images: no scenario has files', 64],
  [COMMAND, [], "npm run bench:run -- --suite ", 64],
  [COMMAND.replace("[sleep", '["{cli}"'), [], "--cli-path FILE --workspace .tmp/bench/run", 64],
  [IMAGES.replace('"{cli}"', "x.js"), [], "its command has no {cli}", 64],
  [IMAGES, ["--profiles", "P1"], '--profiles: "P1" is not in the suite', 64],
  // The first profile is chosen where none is: the other is not.
  [IMAGES, ["--cell", "B/all/warm"], '--cell: "B/all/warm" is not one of the chosen cells', 64],
  [IMAGES.replace("files: all", "files: al"), [], "scenarios[0].files: expected", 65],
])(
  "refuses at once what the measurement would refuse after the images were made: %#",
  async (suite, args, message, code) => {
    const { exitCode, stderr } = await run(suite, ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
    expect(existsSync(path.join(folder, "w"))).toBe(false);
  },
);
