import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { OperationError } from "@forgebench/errors";
import { PROJECT_ROOT, scriptFile } from "@forgebench/io";
import { chooseMeter, ProcessExecutor } from "@forgebench/runner";
import { execa } from "execa";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DRILLS } from "./drill-list.ts";
import { type Planting, plantInto } from "./plant-into.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "drills-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (...names: string[]) => path.join(folder, ...names);
let subject = "";

beforeAll(async () => {
  mkdirSync(file("tier/images"), { recursive: true });
  // Where the subject finds sharp.
  symlinkSync(path.join(PROJECT_ROOT, "node_modules"), file("node_modules"));
  writeFileSync(file("package.json"), `{ "type": "module" }`);
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const picture = sharp({ create: { width: 200, height: 150, channels: 3, background: "red", noise } });
  await picture.jpeg().toFile(file("tier/images/a.jpg"));
  // Built from today's sources: the places that are changed must be in them.
  await execa(process.execPath, [scriptFile("build-subject"), "--out", file("cli.js")]);
  subject = readFileSync(file("cli.js"), "utf8");
  writeFileSync(file("watch.cjs"), WATCH);
});

/**
 * Loaded before the subject. Says on stderr clock and processor time in ms: "clock" at its first, second and last question
 * for the time, "exit" before and after the work at its end, if there is any.
 */
const WATCH = `
const said = [];
const note = (ns) => {
  const { user, system } = process.cpuUsage();
  said.push([Number(ns) / 1e6, (user + system) / 1e3]);
  return ns;
};
const { bigint } = process.hrtime;
const say = () => require("node:fs").writeSync(2, JSON.stringify([...said.slice(0, 2), ...said.slice(2).slice(-1)]));
if (process.env.WATCH === "clock") {
  process.hrtime.bigint = () => note(bigint());
  process.on("exit", say);
} else {
  const listen = process.on.bind(process);
  process.on = (name, listener) => {
    if (listener.name !== "drillSlower") return listen(name, listener);
    listen(name, () => note(process.uptime() * 1e9));
    listen(name, listener);
    listen(name, () => note(process.uptime() * 1e9));
    return listen(name, say);
  };
}
`;

/** A build with its output folder: the first run is cold, the others warm. */
function made(name: string, planting: Planting, { wholePerKnown = 1, watch = "" } = {}) {
  writeFileSync(file(`${name}.js`), plantInto(subject, planting, wholePerKnown));
  const executor = new ProcessExecutor({ meter: chooseMeter(), marker: "drills-test" });
  const places = ["--out-dir", file(name), "--output", file(`${name}.json`), "--formats", "webp", "--json"];
  const watched = watch === "" ? [] : ["--require", file("watch.cjs")];
  const argv = [process.execPath, ...watched, file(`${name}.js`), file("tier/images"), ...places];
  const env = { PATH: process.env.PATH ?? "", WATCH: watch };
  return async () => {
    const result = await executor.run({ argv, cwd: folder, env, timeoutMs: 300_000 });
    expect(result.exitCode, result.stderr).toBe(0);
    const said: [number, number][] = JSON.parse(/\[\[.*/.exec(result.stderr)?.[0] ?? "[]");
    return { ...result, said, summary: JSON.parse(result.stdout).summary };
  };
}

const HAS_METER = chooseMeter().name === "wait4";

describe("the changed subjects", () => {
  it("work longer at the end of warm runs, in proportion to the whole of the run, and not in cold ones", async () => {
    const run = made("slower", { kind: "warm-work", pct: 100 }, { wholePerKnown: 1.5, watch: "exit" });
    const cold = await run();
    expect([cold.summary.processed, cold.said]).toEqual([1, []]);
    const { said, summary, stderr } = await run();
    expect([summary.cached, said.length]).toEqual([1, 2]);
    const [[knownMs, cpuBefore], [endMs, cpuAfter]] = said as [[number, number], [number, number]];
    // At least as long as it should, and in its own account no longer than from one look at the clock to the next.
    expect((endMs - knownMs) / (1.5 * knownMs)).toBeGreaterThan(0.999);
    const plantedMs = Number(/planted (.*)/.exec(stderr)?.[1]);
    expect(plantedMs).toBeGreaterThan(0.99 * 1.5 * knownMs);
    expect(plantedMs).toBeLessThan(endMs - knownMs + 1e-3);
    // Work instead of waiting, of which a busy machine gives it little.
    expect(cpuAfter - cpuBefore).toBeGreaterThan(2);
  });

  it("report a longer time since they work within it", async () => {
    const run = made("longer", { kind: "reported-work", pct: 100 }, { watch: "clock" });
    await run();
    const { said, summary } = await run();
    const [startedMs = 0, askedMs = 0] = said.map(([atMs]) => atMs);
    const endMs = said.at(-1)?.[0] ?? 0;
    expect(summary.durationMs).toBeCloseTo(endMs - startedMs, 1);
    expect((endMs - askedMs) / (askedMs - startedMs)).toBeGreaterThanOrEqual(0.999);
  });

  it.runIf(HAS_METER)("hold 20 MB, touched", async () => {
    const [base, larger] = [
      made("small", { kind: "nothing" }),
      made("large", { kind: "memory", sizeBytes: 20_000_000 }),
    ];
    for (const run of [base, larger]) await run();
    const moreBytes = Number((await larger()).peakMemoryBytes) - Number((await base()).peakMemoryBytes);
    expect(moreBytes).toBeGreaterThan(18_000_000);
    expect(moreBytes).toBeLessThan(24_000_000);
  });

  it("write images that are 1 % larger, are still images, and are found again", async () => {
    const [base, larger] = [made("thin", { kind: "nothing" }), made("thick", { kind: "output", pct: 1 })];
    for (const run of [base, larger]) await run();
    const [size, largerSize] = [statSync(file("thin/a.webp")).size, statSync(file("thick/a.webp")).size];
    expect(largerSize).toBe(size + Math.ceil(size / 100));
    expect((await sharp(file("thick/a.webp")).stats()).channels).toHaveLength(3);
    expect((await larger()).summary).toMatchObject({ cached: 1, totalProcessedSize: largerSize });
  });

  it("are the same bytes where nothing is planted, and are refused where the place is not found", () => {
    expect(plantInto(subject, { kind: "nothing" }, 1)).toBe(subject);
    for (const { planting } of DRILLS.filter(({ id }) => id !== "none")) {
      expect(plantInto(subject, planting, 1)).not.toBe(subject);
      expect(() => plantInto("process.exit(0);", planting, 1)).toThrow(OperationError);
      expect(() => plantInto(subject + subject, planting, 1)).toThrow(/2 times, expected once/);
    }
  });
});
