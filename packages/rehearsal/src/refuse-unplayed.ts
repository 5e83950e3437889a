import { ArtifactError } from "@forgebench/errors";
import type { Workflow } from "./workflow.ts";

/** The keys that a rehearsal plays, and keys that do not affect it, such as concurrency. */
const PLAYED = {
  workflow: ["name", "on", "permissions", "concurrency", "env", "jobs"],
  job: [
    ...["name", "needs", "if", "runs-on", "permissions", "environment", "concurrency", "timeout-minutes"],
    ...["env", "outputs", "strategy", "steps"],
  ],
  step: ["id", "name", "if", "env", "run", "uses", "with", "continue-on-error"],
} as const;

/** Refuses keys that a rehearsal does not play: it would pass where GitHub fails. @throws {ArtifactError} with every such key. */
export function refuseUnplayed(workflow: Workflow): void {
  const found = [
    ...unplayed(workflow.keys, PLAYED.workflow, ""),
    ...workflow.jobs.flatMap((job) => [
      ...unplayed(job.keys, PLAYED.job, `jobs.${job.id}`),
      ...job.steps.flatMap((step) => unplayed(step.keys, PLAYED.step, `jobs.${job.id}, step "${step.name}"`)),
    ]),
  ];
  if (found.length > 0) throw new ArtifactError({ path: workflow.file, kind: "workflow", issues: found });
}

function unplayed(keys: readonly string[], played: readonly string[], place: string) {
  return keys
    .filter((key) => !played.includes(key))
    .map((key) => ({
      path: place,
      message: `"${key}" is not rehearsed; write it as a step, or add it to packages/rehearsal`,
    }));
}
