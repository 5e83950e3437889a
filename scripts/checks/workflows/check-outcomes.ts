import { isBasicExpression } from "@actions/workflow-parser";
import {
  ancestorsOf,
  type Contexts,
  entriesOf,
  evaluate,
  inOrder,
  type Json,
  type Template,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { entriesRun, objection, type WorkflowText } from "./workflow-text.ts";

type Result = "success" | "failure" | "cancelled" | "skipped";

/** One way that a run can take. */
interface Situation {
  readonly event: string;
  readonly isDefaultBranch: boolean;
  readonly reason: string;
  readonly verdict: string;
  /** The job that does not end well, and how. */
  readonly broken?: { readonly id: string; readonly result: Result };
}

type Results = ReadonlyMap<string, Result>;

/** What is said of a run: every way that it can take has an outcome, which is red for all that is not well. */
export function checkOutcomes(source: WorkflowText, workflow: Workflow): Problem[] {
  const outcomes = workflow.jobs.filter(({ name }) => textOf(name)?.startsWith("Outcome: "));
  const judge = workflow.jobs.find(({ outputs }) => entriesOf(outputs).some(([name]) => name === "VERDICT_EXIT"));
  const order = orderOf(workflow);
  const approvals = checkApprovals(source, workflow, order);
  if (judge === undefined || !workflow.jobs.some(({ id }) => id !== judge.id)) return approvals;
  const deciding = [...new Set([judge, ...outcomes].flatMap((job) => [job, ...ancestorsOf(job, workflow.jobs)]))];
  const watched = deciding.filter((job) => !outcomes.includes(job));
  for (const situation of situationsOf(workflow, watched)) {
    const results = play(workflow, order, situation);
    const found =
      judgeObjection(workflow, judge, results, situation) ??
      recordObjection(workflow, results, situation) ??
      outcomeObjection(outcomes, watched, judge, results, situation);
    // One way is enough to see what is wrong.
    if (found !== undefined) {
      const [job, message, remedy] = found;
      return [...approvals, objection(source, job.line, `${describe(situation)}: ${message}`, remedy)];
    }
  }
  return approvals;
}

type Found = readonly [job: WorkflowJob, message: string, remedy: string] | undefined;

function situationsOf(workflow: Workflow, watched: readonly WorkflowJob[]): Situation[] {
  const broken = watched.flatMap(({ id }) => (["failure", "cancelled"] as const).map((result) => ({ id, result })));
  const starts = entriesOf(workflow.on).flatMap(([event]) =>
    event === "workflow_dispatch"
      ? [true, false].flatMap((isDefaultBranch) =>
          ["", "worth it"].map((reason) => ({ event, isDefaultBranch, reason })),
        )
      : [{ event, isDefaultBranch: event === "schedule", reason: "" }],
  );
  return starts.flatMap((start) => [
    ...["0", "2", "3"].map((verdict) => ({ ...start, verdict })),
    ...broken.flatMap((one) => ["0", "2", "3", ""].map((verdict) => ({ ...start, verdict, broken: one }))),
  ]);
}

type Order = readonly { readonly job: WorkflowJob; readonly ancestors: readonly string[] }[];

function orderOf(workflow: Workflow): Order {
  return inOrder(workflow.jobs).map((job) => ({ job, ancestors: ancestorsOf(job, workflow.jobs).map(({ id }) => id) }));
}

/** What becomes of each job. */
function play(workflow: Workflow, order: Order, situation: Situation): Results {
  const results = new Map<string, Result>();
  for (const { job, ancestors } of order) {
    const before = ancestors.map((id) => results.get(id));
    const isFailure = before.includes("failure");
    const isSuccess = before.every((result) => result === "success");
    const contexts = { ...contextsOf(situation), needs: needsOf(workflow, job, results, situation) };
    const runs = holds(job.condition, contexts, { isSuccess, isFailure, isCancelled: false });
    const { id, result } = situation.broken ?? {};
    results.set(job.id, !runs ? "skipped" : id === job.id && result !== undefined ? result : "success");
  }
  return results;
}

const GOING_WELL = { isSuccess: true, isFailure: false, isCancelled: false };
const answers = new Map<string, boolean>();

/** The same is asked in hundreds of situations, and answered once. */
function holds(condition: Template, contexts: Contexts, status: typeof GOING_WELL): boolean {
  const expression = isBasicExpression(condition) ? condition.expression : condition.toString();
  const question = JSON.stringify([expression, contexts, status]);
  const answer = answers.get(question) ?? Boolean(evaluate(condition, contexts, status));
  answers.set(question, answer);
  return answer;
}

function contextsOf({ event, isDefaultBranch, reason }: Situation): Readonly<Record<string, Json>> {
  const branch = isDefaultBranch ? "main" : "topic";
  // A schedule does not tell of the repository.
  const payload: Json = event === "schedule" ? { schedule: "" } : { repository: { default_branch: "main" } };
  const inputs: Json = event === "workflow_dispatch" ? { allow_regression: reason, publish: true } : {};
  return {
    github: { event_name: event, event: payload, ref_name: branch, ref: `refs/heads/${branch}` },
    inputs,
    vars: {},
  };
}

function needsOf(workflow: Workflow, job: WorkflowJob, results: Results, { verdict, broken }: Situation): Json {
  const needed = workflow.jobs.filter(({ id }) => job.needs.includes(id));
  return Object.fromEntries(
    needed.map(({ id, outputs }) => {
      const result = results.get(id) ?? "skipped";
      // A job that breaks may have said its verdict before, or not.
      const hasRun = result === "success" || (id === broken?.id && verdict !== "");
      const value = (name: string) => (name === "VERDICT_EXIT" ? verdict : name === "CADENCE" ? "night" : "x");
      const said = hasRun ? entriesOf(outputs).map(([name]) => [name, value(name)] as const) : [];
      return [id, { result, outputs: Object.fromEntries(said) }];
    }),
  );
}

/** The verdict is asked for whenever there is a base, also where a shard is lost. */
function judgeObjection(workflow: Workflow, judge: WorkflowJob, results: Results, situation: Situation): Found {
  const isMatrix = workflow.jobs.some(({ id, strategy }) => id === situation.broken?.id && strategy !== undefined);
  if (situation.broken !== undefined && !isMatrix) return undefined;
  if (results.get(judge.id) !== "skipped") return undefined;
  return [judge, `job "${judge.id}" does not run`, "let it run although a job of a matrix fails: !cancelled() && …"];
}

/** A night is recorded, whatever came of it: once. */
function recordObjection(workflow: Workflow, results: Results, situation: Situation): Found {
  const job = workflow.jobs.find(({ steps }) =>
    steps.some(({ run }) => entriesRun(textOf(run)).includes("bench:history")),
  );
  if (situation.event !== "schedule" || job === undefined) return undefined;
  if (results.get(job.id) === "skipped")
    return [job, `job "${job.id}" does not run`, "record every night: !cancelled() && …"];
  const contexts = { ...contextsOf(situation), needs: needsOf(workflow, job, results, situation), steps: {}, env: {} };
  const isRun = ({ condition }: WorkflowStep) => holds(condition, contexts, GOING_WELL);
  const recording = job.steps.filter((step) => / --(bundle|failed) /.test(textOf(step.run) ?? "") && isRun(step));
  if (recording.length === 1) return undefined;
  const message = `job "${job.id}" records the night ${recording.length} times`;
  return [job, message, "by needs.….result let either the evidence be recorded or that it came to nothing"];
}

function outcomeObjection(
  outcomes: readonly WorkflowJob[],
  watched: readonly WorkflowJob[],
  judge: WorkflowJob,
  results: Results,
  situation: Situation,
): Found {
  if (situation.event === "pull_request") return undefined;
  const verdict = results.get(judge.id) === "skipped" ? "" : situation.verdict;
  // A verdict that nobody said although its job ended well: keep-verdict.sh always says one.
  if (verdict === "" && results.get(judge.id) === "success") return undefined;
  const running = outcomes.filter(({ id }) => results.get(id) !== "skipped");
  const isAccepted = verdict === "2" && situation.reason !== "";
  const isBroken = watched.some(({ id }) => ["failure", "cancelled"].includes(results.get(id) ?? ""));
  const wanted = [
    ...((verdict === "2" && !isAccepted) || verdict === "3" ? [verdict] : []),
    ...(isBroken ? ["1"] : []),
  ];
  const missing = wanted.find((code) => !running.some((job) => exitCodeOf(job) === code));
  if (missing !== undefined) return [judge, `no outcome ends with ${missing}`, "let an outcome job run, and exit so"];
  if (running.length === 0) return [judge, "no outcome job runs", "let one say what became of the run"];
  const green = running.find((job) => exitCodeOf(job) === "0" && verdict !== "0" && !isAccepted);
  const named = running.find(({ name }) => verdict !== "0" && /green/i.test(textOf(name) ?? ""));
  const wrong = named ?? green;
  return wrong === undefined ? undefined : [wrong, `job "${wrong.id}" is green`, "let it run for the verdict 0 alone"];
}

/** The code that the last command of a job ends with. */
function exitCodeOf({ steps }: WorkflowJob): string {
  const last = steps.findLast(({ run }) => run !== undefined);
  return /(?:^|\n)exit (\d+)\s*$/.exec(textOf(last?.run) ?? "")?.[1] ?? "0";
}

/** Nothing is offered for an approval when a job that it needs did not end well. */
function checkApprovals(source: WorkflowText, workflow: Workflow, order: Order): Problem[] {
  return workflow.jobs.flatMap((job) => {
    if (job.environment === undefined) return [];
    const situations = job.needs.flatMap((id) =>
      entriesOf(workflow.on).flatMap(([event]) =>
        (["failure", "cancelled"] as const).map((result) => ({
          event,
          isDefaultBranch: true,
          reason: "",
          verdict: "0",
          broken: { id, result },
        })),
      ),
    );
    const wrong = situations.find((situation) => play(workflow, order, situation).get(job.id) !== "skipped");
    if (wrong === undefined) return [];
    const message = `${describe(wrong)}: job "${job.id}" asks for an approval all the same`;
    return [objection(source, job.line, message, `demand needs.${wrong.broken.id}.result == 'success'`)];
  });
}

function describe({ event, isDefaultBranch, reason, verdict, broken }: Situation): string {
  const words = [
    `on ${event}${event === "workflow_dispatch" && !isDefaultBranch ? " of another branch" : ""}`,
    verdict === "" ? "without a verdict" : `with the verdict ${verdict}${reason === "" ? "" : ", accepted"}`,
    ...(broken === undefined ? [] : [`when job "${broken.id}" ends with ${broken.result}`]),
  ];
  return words.join(" ");
}
