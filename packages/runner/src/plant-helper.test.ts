import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { chooseMeter, PERL } from "./meter-process.ts";
import { parsePlanted, plantEnvironment } from "./plant.ts";
import { ProcessExecutor } from "./process-executor.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "plant helper ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const helper = fileURLToPath(new URL("plant-helper.pl", import.meta.url));
const planted = path.join(folder, "planted.txt");
const meter = chooseMeter();

async function run(argv: readonly string[], { factor = "0.10", tailMs = 0, timeoutMs = 300_000 } = {}) {
  rmSync(planted, { force: true });
  const order = plantEnvironment({ preload: undefined, factor, file: planted, tailMs });
  const executor = new ProcessExecutor({ meter, marker: "plant-helper-test" });
  const result = await executor.run({
    argv: [PERL, helper, process.arch, ...argv],
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", ...order },
    timeoutMs,
  });
  let text = "";
  try {
    text = readFileSync(planted, "utf8");
  } catch {
    // It said nothing.
  }
  return { ...result, planted: parsePlanted(text) };
}

describe.runIf(meter.name === "wait4")("the helper", () => {
  it.each([5, 50, 500])(
    "burns no less than its share of a command of %i ms and of what comes after",
    async (durationMs) => {
      for (const [factor, tailMs] of [
        [0.05, 0],
        [0.1, 20],
      ] as const) {
        const command = ["sleep", String(durationMs / 1000)];
        const { wallMs, planted: said } = await run(command, { factor: factor.toFixed(2), tailMs });
        const { elapsedMs = 0, burnedMs = 0 } = said ?? {};
        expect(elapsedMs).toBeGreaterThan(durationMs);
        expect(burnedMs).toBeGreaterThanOrEqual((elapsedMs + tailMs) * factor - 0.001);
        expect(elapsedMs + burnedMs).toBeLessThan(wallMs);
      }
    },
  );

  // By CPU time: by the clock it burns longer wherever something else gets the processor, as while all tests run.
  it("burns no more than its share", async () => {
    const { planted: said, userCpuMs, systemCpuMs } = await run(["sleep", "1"], { factor: "0.10" });
    const meantMs = (said?.elapsedMs ?? 0) * 0.1;
    expect((userCpuMs ?? 0) + (systemCpuMs ?? 0)).toBeLessThan(meantMs * 1.6);
  });

  it("burns nothing with factor 0, and adds a part of what comes after its end", async () => {
    expect((await run(["true"], { factor: "0.00" })).planted?.burnedMs).toBe(0);
    const { planted: said } = await run(["true"], { tailMs: 2000 });
    expect(said?.burnedMs).toBeGreaterThanOrEqual(200);
  });

  it("is nothing that the command sees, and passes on what it is given and says", async () => {
    const shown = await run(["sh", "-c", 'env | sort; echo "$@"; echo oh >&2', "sh", "a b", "", "$HOME", "*"]);
    expect(shown.stdout).not.toContain("PLANT");
    expect(shown.stdout).toMatch(/\na b {2}\$HOME \*\n$/);
    expect(shown.stderr).toBe("oh\n");
  });

  it("ends as the command ended", async () => {
    expect(await run(["sh", "-c", "exit 7"])).toMatchObject({
      exitCode: 7,
      signal: null,
      planted: { burnedMs: expect.any(Number) },
    });
    expect(await run(["sh", "-c", "kill -USR1 $$"])).toMatchObject({ exitCode: null, signal: "SIGUSR1" });
    expect(await run(["/no/such/program"])).toMatchObject({
      exitCode: 127,
      stderr: "cannot run /no/such/program: No such file or directory\n",
    });
  });

  it("ends with the command at the time limit, and leaves nothing behind", async () => {
    const result = await run(["sh", "-c", "sleep 300; sleep 300"], { timeoutMs: 500 });
    expect(result).toMatchObject({ timedOut: true, leftBehindCount: 0, planted: undefined });
  });
});
