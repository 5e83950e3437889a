import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { endLeftovers, findFamily } from "./leftovers-process.ts";
import { chooseMeter, METERS } from "./meter-process.ts";
import { ProcessExecutor } from "./process-executor.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "executor ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const marker = `test-${process.pid}`;
const env = { PATH: process.env.PATH ?? "" };

function start(
  meter: keyof typeof METERS,
  argv: readonly string[],
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const executor = new ProcessExecutor({ meter: METERS[meter], marker });
  return executor.run({ argv, cwd: folder, env, timeoutMs: options.timeoutMs ?? 300_000 }, options.signal);
}

const node = (code: string) => [process.execPath, "-e", code];
const hasMeter = chooseMeter().name === "wait4";
const names = hasMeter ? (["wait4", "none"] as const) : (["none"] as const);

describe.each(names)("ProcessExecutor with the meter %s", (name) => {
  const run = (argv: readonly string[], options: Parameters<typeof start>[2] = {}) => start(name, argv, options);

  it("runs a command with nothing but the given environment, in the given folder", async () => {
    const result = await run(
      node("console.log(JSON.stringify([process.cwd(), Object.keys(process.env).sort()])); console.error('hm')"),
    );
    expect(result).toMatchObject({
      exitCode: 0,
      signal: null,
      timedOut: false,
      stderr: "hm\n",
      stdoutOverflowed: false,
      leftBehindCount: 0,
    });
    const [cwd, variables] = JSON.parse(result.stdout);
    expect(cwd).toBe(folder);
    expect(variables.filter((variable: string) => variable !== "LC_CTYPE")).toEqual(["FORGEBENCH_RUN", "PATH"]);
    expect(result.wallMs).toBeGreaterThan(0);
    expect(new Date(result.startedAt).toISOString()).toBe(result.startedAt);
  });

  it("passes arguments on as they are", async () => {
    const strange = ["", " a b ", "$HOME", "'q\"", "ü\n", "-o", "--", "*"];
    const result = await run([
      process.execPath,
      "-e",
      "console.log(JSON.stringify(process.argv.slice(1)))",
      "--",
      ...strange,
    ]);
    expect(JSON.parse(result.stdout)).toEqual(strange);
  });

  it("says the exit code or the signal", async () => {
    expect(await run(node("process.exit(3)"))).toMatchObject({ exitCode: 3, signal: null });
    expect(await run(node("process.kill(process.pid, 'SIGSEGV')"))).toMatchObject({
      exitCode: null,
      signal: "SIGSEGV",
    });
  });

  it("reads 100 MB to the end and keeps none of it", async () => {
    const flood = "const b=Buffer.alloc(1e6,97);for(let i=0;i<100;i++)require('fs').writeSync(1,b)";
    expect(await run(node(flood))).toMatchObject({
      exitCode: 0,
      stdout: "",
      stdoutBytes: 100_000_000,
      stdoutOverflowed: true,
    });
  });

  it("keeps the end of what goes to stderr", async () => {
    const { stderr } = await run(node("process.stderr.write('/home/al/x.js\\n'.repeat(1e5)+'the end')"));
    expect(stderr).toBe(`${"/home/al/x.js\n".repeat(292)}the end`);
  });

  it("keeps nothing of a line whose beginning is cut off", async () => {
    expect((await run(node("process.stderr.write('x'.repeat(1e6))"))).stderr).toBe("");
    expect((await run(node("process.stderr.write('x'.repeat(4096))"))).stderr).toHaveLength(4096);
  });

  it("ends a hanging subject and its children at the time limit", async () => {
    const result = await run(["sh", "-c", "sleep 300 & setsid sleep 300 & sleep 300"], { timeoutMs: 1000 });
    expect(result).toMatchObject({ timedOut: true, exitCode: null, signal: "SIGTERM", leftBehindCount: 0 });
    expect(findFamily({ marker })).toEqual([]);
  });

  it("ends a subject that refuses to be ended", async () => {
    const result = await run(["sh", "-c", "trap '' TERM; sleep 300; sleep 300"], { timeoutMs: 1500 });
    expect(result).toMatchObject({ timedOut: true, exitCode: null, signal: "SIGKILL" });
    expect(findFamily({ marker })).toEqual([]);
  });

  it("does not wait for children that were left with the pipes open, counts and ends them", async () => {
    const result = await run(["sh", "-c", "sleep 300 & setsid sleep 300 & echo done"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: "done\n", leftBehindCount: 2 });
    expect(findFamily({ marker })).toEqual([]);
  });

  it("does not count a child that ends by itself a moment later", async () => {
    expect(await run(["sh", "-c", "sleep 0.03 & exit 0"])).toMatchObject({ leftBehindCount: 0 });
  });

  it("ends everything when it is aborted, and throws the reason", async () => {
    const controller = new AbortController();
    const file = path.join(folder, `started-${name}`);
    const running = run(["sh", "-c", `sleep 300 & : > '${file}'; sleep 300`], { signal: controller.signal });
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    expect(findFamily({ marker })).toEqual([]);
    await expect(run(["true"], { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe.runIf(hasMeter)("the meter wait4", () => {
  it("tells CPU time and the memory of the largest process, children included", async () => {
    const small = await start("wait4", ["true"]);
    expect(small.peakMemoryBytes).toBeLessThan(15e6);
    const busy = "const e=process.cpuUsage().user+200000;while(process.cpuUsage().user<e);";
    const child = `require('child_process').spawnSync(process.execPath,['-e',${JSON.stringify(`Buffer.alloc(150e6,1);${busy}`)}])`;
    const large = await start("wait4", node(child));
    expect(large.peakMemoryBytes).toBeGreaterThan(150e6);
    expect(large.peakMemoryBytes).toBeLessThan(350e6);
    expect(large.userCpuMs).toBeGreaterThanOrEqual(200);
    expect(large.systemCpuMs).toBeGreaterThan(0);
  });

  it("does not take over the size of the measuring process", async () => {
    const ballast = Buffer.alloc(200e6, 1);
    const { peakMemoryBytes } = await start("wait4", ["true"]);
    expect(peakMemoryBytes).toBeLessThan(15e6);
    expect(ballast.length).toBe(200e6);
  });

  it("says that a program is not there", async () => {
    expect(await start("wait4", ["/no/such/program"])).toMatchObject({
      exitCode: 127,
      stderr: "cannot run /no/such/program: No such file or directory\n",
    });
  });

  it("reads nothing from what is no reading", () => {
    expect(METERS.wait4.read("")).toBeUndefined();
    expect(METERS.wait4.read("1 2 3 4")).toBeUndefined();
    expect(METERS.wait4.read("1500000 2000 3000 4096 9\n")).toEqual({
      wallMs: 1.5,
      userCpuMs: 2,
      systemCpuMs: 3,
      peakMemoryBytes: 4096,
      exitCode: null,
      signal: "SIGKILL",
    });
  });
});

describe("endLeftovers", () => {
  it("leaves processes of others alone", async () => {
    expect(await endLeftovers({ marker: "nobody-has-this" })).toBe(0);
    await expect(endLeftovers({ marker: "" })).rejects.toThrow("could fit anything");
    expect(readFileSync(`/proc/${process.pid}/stat`, "utf8")).not.toBe("");
  });
});

it.skipIf(!hasMeter)("is never made when whoever asked for it is gone before it begins", () => {
  const made = path.join(folder, "made");
  const [program = "", ...args] = METERS.wait4.wrap(["touch", made]);
  // Nothing comes on descriptor 4.
  const gate = openSync("/dev/null", "r");
  const ended = spawnSync(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe", gate] });
  closeSync(gate);
  expect(ended.status).toBe(125);
  expect(existsSync(made)).toBe(false);
});

it("begins after the machine has rested since the one before", async () => {
  const settleMs = 60;
  const rested = new ProcessExecutor({ meter: chooseMeter(), marker, settleMs });
  const spec = { argv: node("0"), cwd: folder, env, timeoutMs: 300_000 };
  const first = await rested.run(spec);
  const second = await rested.run(spec);
  const betweenMs = Date.parse(second.startedAt) - Date.parse(first.startedAt) - first.wallMs;
  // The calendar clock has whole milliseconds.
  expect(betweenMs).toBeGreaterThanOrEqual(settleMs - 2);
});
