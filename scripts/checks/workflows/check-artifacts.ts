import {
  ancestorsOf,
  entriesOf,
  evaluate,
  mayRunOn,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { startedBy } from "./check-wiring.ts";
import { isOfThisProject, objection, type WorkflowText } from "./workflow-text.ts";
import { expressionsIn } from "./workflow-tokens.ts";

/** What a job downloads another one uploads; what is uploaded is there, after a failure too. */
export function checkArtifacts(source: WorkflowText, workflow: Workflow, neighbours: readonly Workflow[]): Problem[] {
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap((step, index) => {
      if (isUpload(step)) return checkUpload(source, workflow, job, index);
      return step.uses?.startsWith("actions/download-artifact@") === true
        ? checkDownload(source, workflow, job, index, neighbours)
        : [];
    }),
  );
}

function isUpload({ uses }: WorkflowStep): boolean {
  return uses?.startsWith("actions/upload-artifact@") === true;
}

function checkUpload(source: WorkflowText, workflow: Workflow, job: WorkflowJob, index: number): Problem[] {
  const step = job.steps[index];
  if (step === undefined) return [];
  const inputs = new Map(entriesOf(step.with));
  const lost = eventsWithout(workflow, job, step);
  return [
    ...(lost.length === 0
      ? []
      : [
          objection(
            source,
            step.line,
            `does not upload after a failure on ${lost.join(", ")}`,
            "add if: always(), alone or with what then holds",
          ),
        ]),
    ...checkPath(source, step, textOf(inputs.get("path")), job.steps.slice(0, index + 1), job.steps),
  ];
}

/** The events after whose failed job nothing is uploaded, although the jobs that it needs ended well. */
function eventsWithout(workflow: Workflow, job: WorkflowJob, step: WorkflowStep): string[] {
  const needs = Object.fromEntries(
    job.needs.map((id) => {
      const outputs = entriesOf(workflow.jobs.find((other) => other.id === id)?.outputs);
      return [id, { result: "success", outputs: Object.fromEntries(outputs.map(([name]) => [name, sample(name)])) }];
    }),
  );
  const status = { isSuccess: false, isFailure: true, isCancelled: false };
  const events = entriesOf(workflow.on).map(([name]) => name);
  return events.filter((event) => {
    const inputs = Object.fromEntries(event === "workflow_dispatch" ? [["publish", true]] : []);
    const contexts = { github: { event_name: event }, needs, inputs, vars: {}, env: {}, steps: {} };
    return mayRunOn(event, workflow, job) && !evaluate(step.condition, contexts, status);
  });
}

function sample(output: string): string {
  return output === "CADENCE" ? "night" : "x";
}

/** Beside the code: what comes from outside replaces none of it, and what goes out holds none of it. */
const FOLDER = /^\.tmp(\/[\w-]+)+$/;

/** A folder that no command of the job names is a folder that nobody fills or reads. */
function checkPath(
  source: WorkflowText,
  step: WorkflowStep,
  folder: string | undefined,
  before: readonly WorkflowStep[],
  all: readonly WorkflowStep[],
): Problem[] {
  if (!isOfThisProject(source)) return [];
  const what = isUpload(step) ? "uploads" : "downloads to";
  if (folder === undefined || !FOLDER.test(folder)) {
    return [objection(source, step.line, `${what} "${folder ?? ""}"`, "name a folder below .tmp/")];
  }
  const pattern = new RegExp(`${folder.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?=[\\s"/]|$)`);
  const texts = isUpload(step)
    ? before.map(({ run }) => textOf(run) ?? "")
    : all.flatMap((other) => [textOf(other.run) ?? "", ...(other === step ? [] : textsOf(other.with))]);
  if (texts.some((text) => pattern.test(text))) return [];
  const message = `${what} "${folder}", which no command of the job names`;
  return [objection(source, step.line, message, "name the folder that a script is given")];
}

function textsOf(inputs: WorkflowStep["with"]): string[] {
  return entriesOf(inputs).map(([, value]) => textOf(value) ?? "");
}

function checkDownload(
  source: WorkflowText,
  workflow: Workflow,
  job: WorkflowJob,
  index: number,
  neighbours: readonly Workflow[],
): Problem[] {
  const step = job.steps[index];
  if (step === undefined) return [];
  const inputs = new Map(entriesOf(step.with).map(([name, value]) => [name, value.toString()]));
  const starters = startedBy(workflow).map(({ name }) => name);
  const makers = inputs.has("run-id")
    ? neighbours.filter(({ name }) => starters.includes(name)).flatMap(({ jobs }) => jobs)
    : ancestorsOf(job, workflow.jobs);
  const uploaded = makers.flatMap((other) => other.steps.flatMap(uploadedName));
  const wanted = inputs.get("name") ?? inputs.get("pattern") ?? "";
  const prefix = wanted.replace(/\*$/, "");
  const path = [
    ...checkPath(source, step, inputs.get("path"), [], job.steps.slice(index)),
    ...checkOrigin(source, workflow, step),
  ];
  if (uploaded.some((name) => (wanted.endsWith("*") ? name.startsWith(prefix) : name === wanted))) return path;
  const from = inputs.has("run-id") ? "no workflow that starts this one uploads" : "no job that it needs uploads";
  const remedy = `they upload: ${uploaded.join(", ") || "nothing"}`;
  return [...path, objection(source, step.line, `downloads "${wanted}", which ${from}`, remedy)];
}

/** Artifacts come from this run, or from the one whose end started it. */
function checkOrigin(source: WorkflowText, workflow: Workflow, step: WorkflowStep): Problem[] {
  const inputs = new Map(entriesOf(step.with));
  const runId = expressionsIn(inputs.get("run-id")).map(({ expression }) => expression);
  const isStarter = startedBy(workflow).length > 0 && runId.join() === "github.event.workflow_run.id";
  if (!inputs.has("repository") && (!inputs.has("run-id") || isStarter)) return [];
  const remedy = "leave out repository; run-id is github.event.workflow_run.id, where a workflow starts another";
  return [objection(source, step.line, "downloads from another run or repository", remedy)];
}

function uploadedName(step: WorkflowStep): string[] {
  if (!isUpload(step)) return [];
  const name = entriesOf(step.with).find(([key]) => key === "name")?.[1];
  // Of `shard-${{ … }}` the part before the expression is what a pattern can name.
  const written = name === undefined ? undefined : (textOf(name) ?? beginning(name.toJSON()));
  return written === undefined ? [] : [written];
}

function beginning(written: unknown): string {
  const text = typeof written === "object" && written !== null && "expr" in written ? String(written.expr) : "";
  return /^format\('([^'{]*)/.exec(text)?.[1] ?? "";
}
