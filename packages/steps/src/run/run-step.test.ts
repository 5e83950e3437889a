import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseRawRuns } from "@forgebench/artifacts";
import { InterruptedError, OperationError, UsageError } from "@forgebench/errors";
import { exitCodeOf, memoryIo } from "@forgebench/io";
import { afterAll, beforeEach, expect, it } from "vitest";
import type { RunRequest } from "./run-request.ts";
import { runStep } from "./run-step.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "run step ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
beforeEach(() => rmSync(file("w"), { recursive: true, force: true }));

const suiteOf = (argv: string) =>
  `name: tiny\nsubject: { argv: ${argv} }\nscenarios: [{ name: nap, phases: [warm] }]\n`;

function requestOf(suite: string, more: Partial<RunRequest> = {}): RunRequest {
  writeFileSync(file("suite.yaml"), suite);
  const chosen = { suite: file("suite.yaml"), workspace: file("w"), runCount: 3, noWaiting: true, timeoutSeconds: 60 };
  return { ...chosen, ...more };
}

const ioOf = (signal = new AbortController().signal) =>
  memoryIo({ cwd: folder, env: { PATH: process.env.PATH, GITHUB_TOKEN: "ghs_canary" }, signal });

/** The processes whose command line holds a text. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

/** Whether a process was started by this one. */
const isOurs = (pid: string) =>
  readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === `${process.pid}`;

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("measures in a process of its own, which writes its progress to our stderr", async () => {
  const io = ioOf();
  const result = await runStep(requestOf(suiteOf("[sleep, 0.01]")), io);
  expect(result).toEqual({
    rawRuns: file("w/raw-runs.jsonl"),
    headSummary: file("w/summary.json"),
    baseSummary: undefined,
    invalid: undefined,
  });
  expect(parseRawRuns(readFileSync(result.rawRuns, "utf8"), "runs").runs).toHaveLength(3);
  expect(io.stderrText()).toMatch(/^measure {4}default × 1 scenario, 3 runs$/m);
});

it("names the runs that are not valid, and keeps them", async () => {
  const { invalid } = await runStep(requestOf(suiteOf("['false']")), ioOf());
  expect(invalid).toBeInstanceOf(OperationError);
  expect(invalid?.message).toContain("3 of 3 runs");
  expect(invalid === undefined ? 0 : exitCodeOf(invalid)).toBe(3);
});

it.each([
  ["a suite that is wrong", suiteOf("[sleep, 0.01]").replace("phases: [warm]", "phases: [hot]"), {}, 65],
  ["a cell that is not there", suiteOf("[sleep, 0.01]"), { cell: ["x/y/z"] }, 64],
] as const)("refuses %s as the measurement itself does", async (_what, suite, more, code) => {
  const error: unknown = await runStep(requestOf(suite, more), ioOf()).catch((thrown: unknown) => thrown);
  expect(exitCodeOf(error)).toBe(code);
  expect(error).toMatchObject({ details: expect.any(Array) });
  if (code === 64) expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(code === 64 ? /"x\/y\/z"/ : /phases/);
});

it("keeps the runs that have ended when it is interrupted, and ends the subject", async () => {
  const controller = new AbortController();
  const io = ioOf(controller.signal);
  // The first run fills the folder of the warm ones, the second counts, the third does not end.
  const counts = `n=$(cat "${folder}/count" 2>/dev/null | wc -l); echo >> "${folder}/count"`;
  const napping = suiteOf(JSON.stringify(["sh", "-c", `${counts}; [ "$n" -lt 2 ] || exec sleep 4321`]));
  const running = runStep(requestOf(napping), io).catch((thrown: unknown) => thrown);
  await waitFor(() => processesWith("sleep\u00004321").length > 0);
  controller.abort(new InterruptedError("SIGINT"));
  expect(await running).toBeInstanceOf(InterruptedError);
  expect(processesWith("sleep\u00004321")).toEqual([]);
  expect(io.stderrText()).toMatch(/^kept {7}1 of 3 runs; --resume continues$/m);
});

it("says that the measuring process was killed, and how to go on", async () => {
  const running = runStep(requestOf(suiteOf("[sleep, 4323]")), ioOf()).catch((thrown: unknown) => thrown);
  await waitFor(() => processesWith("sleep\u00004323").length > 0);
  for (const pid of processesWith("measuring-process.mjs").filter(isOurs)) process.kill(Number(pid), "SIGKILL");
  const error = await running;
  expect(String(error)).toContain("the measuring process was ended by SIGKILL");
  expect(exitCodeOf(error)).toBe(3);
  expect(error).toMatchObject({ details: [{ label: "kept" }, { label: "try" }] });
  for (const pid of processesWith("sleep\u00004323")) process.kill(Number(pid), "SIGKILL");
});

it("gives the measuring process no secrets", async () => {
  const running = runStep(requestOf(suiteOf("[sleep, 0.2]"), { runCount: 2 }), ioOf());
  let environment = "";
  await waitFor(() => {
    const own = processesWith("measuring-process.mjs").find(isOurs);
    environment = own === undefined ? "" : readFileSync(`/proc/${own}/environ`, "utf8");
    return environment !== "";
  });
  expect(environment).toContain("PATH=");
  expect(environment).not.toContain("ghs_canary");
  await running;
});

it("ends with the process that started it", async () => {
  const request = requestOf(suiteOf("[sleep, 4322]"));
  const program = path.join(folder, "parent.mjs");
  const child = JSON.stringify(path.resolve(import.meta.dirname, "../../../../scripts/launcher/measuring-process.mjs"));
  writeFileSync(
    program,
    `import { fork } from "node:child_process";
     fork(${child}).send(${JSON.stringify(request)});`,
  );
  const parent = spawn(process.execPath, [program], { cwd: folder, stdio: "ignore" });
  await waitFor(() => processesWith("sleep\u00004322").length > 0);
  parent.kill("SIGKILL");
  await waitFor(() => processesWith("sleep\u00004322").length === 0);
  expect(parseRawRuns(readFileSync(file("w/raw-runs.jsonl"), "utf8"), "runs").runs).toEqual([]);
});
