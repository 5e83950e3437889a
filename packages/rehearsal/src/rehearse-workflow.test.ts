import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { mayRunOn } from "./may-run.ts";
import { rehearseWorkflow } from "./rehearse-workflow.ts";
import type { RunEvent, Stage } from "./stage.ts";
import { readWorkflow } from "./workflow.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "workflow test "));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event: RunEvent = {
  name: "schedule",
  payload: { title: "$(touch pwned)" },
  inputs: {},
  repository: "octo-org/tool",
  sha: "a".repeat(40),
  ref: "refs/heads/main",
  actor: "ann",
  runId: "7",
  runAttempt: 1,
};

function stage(): Stage {
  return {
    folder,
    apiUrl: "http://127.0.0.1:1",
    gitUrl: "http://127.0.0.1:1",
    pagesUrl: "https://github.com",
    vars: { PARTS: '["x", "y"]' },
    secrets: {},
    environmentSecrets: { site: { KEY: "the-key" } },
    tokenOf: (job) => `token-of-${job}`,
    artifactsOfRuns: {},
    env: { PATH: process.env.PATH ?? "" },
    stepTimeoutMs: 300_000,
    onProgress: () => undefined,
  };
}

/** Where an expression begins. */
const OPEN = "${{";
const head = "name: Try\non: [schedule, pull_request]\njobs:\n";
const job = (id: string, rest: string) => `  ${id}:\n    runs-on: ubuntu-24.04\n${rest.replace(/^/gm, "    ")}\n`;

async function run(...jobs: string[]) {
  const report = await rehearseWorkflow(await readWorkflow("try.yml", head + jobs.join("")), event, stage());
  return Object.fromEntries(report.jobs.map((done) => [done.id, done]));
}

it("hands outputs from step to step and from job to job", async () => {
  const { one, two } = await run(
    job(
      "one",
      `outputs:\n  A: ${OPEN} steps.first.outputs.A }}\nsteps:\n  - id: first\n    run: echo "A=1 2" >>"$GITHUB_OUTPUT"`,
    ),
    job("two", `needs: one\nsteps:\n  - env:\n      A: ${OPEN} needs.one.outputs.A }}\n    run: test "$A" = "1 2"`),
  );
  expect([one?.outputs, two?.result]).toEqual([{ A: "1 2" }, "success"]);
});

it("skips what needs a failed job, unless its condition says otherwise", async () => {
  const found = await run(
    job(
      "bad",
      'steps:\n  - run: exit 3\n  - run: echo "never"\n  - if: always()\n    run: echo said >>"$GITHUB_STEP_SUMMARY"',
    ),
    job("after", "needs: bad\nsteps:\n  - run: 'true'"),
    job("last", "needs: after\nif: always() && needs.after.result == 'skipped'\nsteps:\n  - run: 'true'"),
  );
  expect(Object.values(found).map(({ id, result }) => `${id} ${result}`)).toEqual([
    "bad failure",
    "after skipped",
    "last success",
  ]);
  expect(found.bad?.steps.map(({ outcome }) => outcome)).toEqual(["failure", "skipped", "success"]);
  expect([found.bad?.steps[0]?.exitCode, found.bad?.summary]).toEqual([3, "said\n"]);
});

it("runs every job of a matrix, and carries artifacts on", async () => {
  const upload = `- uses: actions/upload-artifact@v7\n    with:\n      name: part-${OPEN} strategy.job-index }}\n      path: out`;
  const { read } = await run(
    job(
      "make",
      `strategy:\n  matrix:\n    part: ${OPEN} fromJSON(vars.PARTS) }}\nsteps:\n  - env:\n      PART: ${OPEN} matrix.part }}\n    run: mkdir out && echo "$PART" >out/file\n  ${upload}`,
    ),
    job(
      "read",
      'needs: make\nsteps:\n  - uses: actions/download-artifact@v8\n    with:\n      pattern: part-*\n      path: in\n  - run: test "$(cat in/part-0/file in/part-1/file | paste -sd, -)" = "x,y"',
    ),
  );
  expect(read?.result).toBe("success");
});

it("gives secrets to jobs that name the environment, and to steps that name the secret", async () => {
  const steps = `steps:\n  - run: test -z "$KEY"\n  - env:\n      KEY: ${OPEN} secrets.KEY }}\n      TOKEN: ${OPEN} github.token }}\n    run: echo "RESULT=$KEY,$TOKEN" >>"$GITHUB_OUTPUT"\n    id: seen`;
  const outputs = `outputs:\n  RESULT: ${OPEN} steps.seen.outputs.RESULT }}\n`;
  const { named, other } = await run(
    job("named", `environment: site\n${outputs}${steps}`),
    job("other", outputs + steps),
  );
  expect([named?.outputs.RESULT, other?.outputs.RESULT]).toEqual(["the-key,token-of-named", ",token-of-other"]);
});

it("runs what an expression puts into a shell text, as GitHub would: the checks forbid it", async () => {
  const { harmed, safe } = await run(
    job("harmed", `steps:\n  - run: |\n      echo "${OPEN} github.event.title }}"\n      test -e pwned`),
    job(
      "safe",
      `steps:\n  - env:\n      TITLE: ${OPEN} github.event.title }}\n    run: echo "$TITLE" && test ! -e pwned`,
    ),
  );
  expect([harmed?.result, safe?.result]).toEqual(["success", "success"]);
  expect(await readFile(safe?.steps[0]?.logFile ?? "", "utf8")).toContain("$(touch pwned)");
});

it("fails a step that writes no KEY=value, an action that it does not know, and a missing artifact", async () => {
  const found = await run(
    job("wrong", `steps:\n  - run: echo nonsense >>"$GITHUB_OUTPUT"`),
    job("unknown", "steps:\n  - uses: octo/thing@v1"),
    job("missing", "steps:\n  - uses: actions/download-artifact@v8\n    with:\n      name: nobody"),
  );
  expect(Object.values(found).map(({ result }) => result)).toEqual(["failure", "failure", "failure"]);
});

it("refuses what GitHub's parser refuses", async () => {
  await expect(readWorkflow("try.yml", `${head}  a:\n    runs-on: x\n    stepps: []\n`)).rejects.toThrow("stepps");
  await expect(readWorkflow("try.yml", head + job("a", "needs: b\nsteps:\n  - run: x"))).rejects.toThrow("b");
});

it("knows which jobs an event can start", async () => {
  const text =
    head +
    job("night", "if: github.event_name == 'schedule'\nsteps:\n  - run: x") +
    job("follows", "needs: night\nsteps:\n  - run: x") +
    job("whatever", "needs: night\nif: always()\nsteps:\n  - run: x");
  const workflow = await readWorkflow("try.yml", text);
  const running = (name: string) => workflow.jobs.filter((one) => mayRunOn(name, workflow, one)).map(({ id }) => id);
  expect(running("pull_request")).toEqual(["whatever"]);
  expect(running("schedule")).toEqual(["night", "follows", "whatever"]);
});

it("runs again what failed and what needs it, and keeps the rest of a matrix", async () => {
  const counting = (name: string) => `steps:\n  - run: 'echo x >>"${folder}/${name}"; test -e "${folder}/mended"'`;
  const text = [
    job("first", `steps:\n  - run: echo x >>"${folder}/first"`),
    job("part", `strategy:\n  matrix:\n    n: [1, 2]\nsteps:\n  - run: echo x >>"${folder}/part"`),
    job("bad", counting("bad")),
    job("last", `needs: [bad, part]\nif: always()\nsteps:\n  - run: echo x >>"${folder}/last"`),
  ];
  const workflow = await readWorkflow("try.yml", head + text.join(""));
  const earlier = await rehearseWorkflow(workflow, event, stage(), { cancelled: ["part-1"] });
  expect(earlier.jobs.map(({ id, result }) => `${id} ${result}`)).toEqual([
    ...["first success", "part success", "part cancelled", "bad failure", "last success"],
  ]);
  await writeFile(path.join(folder, "mended"), "");
  const again = await rehearseWorkflow(workflow, { ...event, runAttempt: 2 }, stage(), { earlier });
  expect(again.jobs.map(({ result }) => result)).toEqual(Array(5).fill("success"));
  const times = async (name: string) => (await readFile(path.join(folder, name), "utf8")).length / 2;
  expect(await Promise.all(["first", "part", "bad", "last"].map(times))).toEqual([1, 2, 2, 2]);
});

it.each([
  ['jobs.one: "container"', "container: node:22\nsteps:\n  - run: 'true'"],
  ['jobs.one, step "true": "shell"', "steps:\n  - run: 'true'\n    shell: sh"],
])("refuses what it does not play: %s", async (place, text) => {
  await expect(run(job("one", text))).rejects.toThrow(`${place} is not rehearsed`);
});
