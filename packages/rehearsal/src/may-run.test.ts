import { expect, it } from "vitest";
import { mayRunOn } from "./may-run.ts";
import { readWorkflow } from "./workflow.ts";

const job = (id: string, rest: string) => `  ${id}:\n    runs-on: ubuntu-24.04\n${rest}    steps:\n      - run: x\n`;

/** The jobs that a pull request can start, of jobs with these lines. */
async function running(...jobs: string[]): Promise<string[]> {
  const workflow = await readWorkflow("try.yml", `on: [schedule, pull_request]\njobs:\n${jobs.join("")}`);
  return workflow.jobs.filter((one) => mayRunOn("pull_request", workflow, one)).map(({ id }) => id);
}

async function isShutOut(condition: string): Promise<boolean> {
  const found = await running(job("first", ""), job("one", `    needs: first\n    if: ${condition}\n`));
  return !found.includes("one");
}

it.each([
  "github.event_name == 'schedule'",
  "github['event_name'] == 'schedule'",
  "GitHub.Event_Name != 'PULL_REQUEST'",
  "always() && !(github.event_name == 'pull_request')",
  "github.event_name == 'schedule' || inputs.publish",
  "github.event_name == 'push' && contains(github.event.pull_request.labels.*.name, 'x')",
  'contains(fromJSON(\'["push", "schedule"]\'), github.event_name)',
])("knows that a pull request does not fulfil %s", async (condition) => {
  expect(await isShutOut(condition)).toBe(true);
});

it.each([
  "contains(github.event.pull_request.labels.*.name, 'x')",
  "github.event.number > 0",
  "github.head_ref != ''",
  "github.actor == 'ann'",
  "!contains(github.event.pull_request.title, 'no')",
  "needs.first.outputs.WORD == 'open'",
  "needs.first.result == 'cancelled'",
  "failure()",
  "vars.OPEN",
  "toJSON(github) != ''",
  "github.event_name == 'schedule' || github.event.action == 'labeled'",
])("takes it that a pull request can fulfil %s", async (condition) => {
  expect(await isShutOut(`\${{ ${condition} }}`)).toBe(false);
});

it("follows what jobs need: one that is never run holds up all that do not insist", async () => {
  const jobs = [
    job("night", "    if: github.event_name == 'schedule'\n"),
    job("follows", "    needs: night\n"),
    job("later", "    needs: follows\n    if: success() || needs.follows.outputs.A == '1'\n"),
    job("insists", "    needs: night\n    if: always() && !cancelled() && needs.night.result == 'skipped'\n"),
  ];
  expect(await running(...jobs)).toEqual(["insists"]);
});
