import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished } from "vitest";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { lockFolder } from "./folder-lock.ts";
import { sha256Of } from "./hash.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lock "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("lockFolder", () => {
  it("keeps others out until it is released, and leaves nothing behind", async () => {
    const folder = temporaryFolder();
    const lock = await lockFolder(folder);
    const error: unknown = await lockFolder(folder).catch((reason: unknown) => reason);
    expect(String(error)).toContain(`Cannot use the folder "${folder}": process ${process.pid} is writing to it`);
    expect(exitCodeOf(error)).toBe(EXIT.output);
    await lock.release();
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("replaces the lock of a process that is gone, and of one whose number another process got", async () => {
    const folder = temporaryFolder();
    const { pid } = spawnSync("true");
    for (const stale of [`${pid} 1\n`, `${process.pid} 1\n`, "", "nonsense", "-1 ?\n"]) {
      writeFileSync(path.join(folder, ".lock"), stale);
      await (await lockFolder(folder)).release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("goes on where a process was killed while it removed a lock", async () => {
    const folder = temporaryFolder();
    const gone = `${spawnSync("true").pid} 1\n`;
    writeFileSync(path.join(folder, ".lock"), gone);
    writeFileSync(path.join(folder, `.lock.${sha256Of(gone).slice(0, 16)}.1`), gone);
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("lets one of many processes in at a time, also over a stale lock", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, ".lock"), `${spawnSync("true").pid} 1\n`);
    const compiled = path.join(temporaryFolder(), "folder-lock.mjs");
    const source = fileURLToPath(new URL("folder-lock.ts", import.meta.url));
    await build({ entryPoints: [source], outfile: compiled, bundle: true, platform: "node", format: "esm" });
    // Each tries until it has had the lock ten times; whoever holds it makes a folder that must not be there yet.
    const program = `const { lockFolder } = await import(${JSON.stringify(compiled)});
      const { mkdir, rmdir } = await import("node:fs/promises");
      for (let held = 0; held < 10; ) {
        const lock = await lockFolder(${JSON.stringify(folder)}).catch((error) => {
          if (!error.message.includes("is writing to it")) throw error;
        });
        if (lock === undefined) { await new Promise((resolve) => setTimeout(resolve, 1)); continue; }
        await mkdir(${JSON.stringify(path.join(folder, "inside"))});
        await rmdir(${JSON.stringify(path.join(folder, "inside"))});
        await lock.release();
        held += 1;
      }`;
    const ends = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      return new Promise((resolve) => child.once("exit", (code) => resolve({ code, stderr })));
    });
    // Anything else is an overlap.
    expect(await Promise.all(ends)).toEqual(Array(4).fill({ code: 0, stderr: "" }));
  });
});
