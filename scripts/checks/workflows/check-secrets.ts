import { textOf, type Workflow, type WorkflowJob } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { entriesRun, objection, RUNS_SUBJECT, type WorkflowText } from "./workflow-text.ts";
import { expressionsIn, type FoundExpression, readsOf } from "./workflow-tokens.ts";

/** A secret or a token reaches the one step that uses it, and nothing else. */
export function checkSecrets(source: WorkflowText, workflow: Workflow): Problem[] {
  return [...checkPlaces(source, workflow), ...checkTokens(source, workflow)];
}

/** What is measured may be anybody's program: its environment holds no token. */
function checkTokens(source: WorkflowText, workflow: Workflow): Problem[] {
  const measuring = workflow.jobs.flatMap(({ env, steps }) =>
    steps
      .filter(({ run }) => entriesRun(textOf(run)).some((entry) => RUNS_SUBJECT.has(entry)))
      .flatMap((step) => [...expressionsIn(workflow.env), ...expressionsIn(env), ...expressionsIn(step.env)]),
  );
  return measuring
    .filter(({ expression }) => readsOf(expression).some((name) => /^(github\.token$|github$|secrets\b)/.test(name)))
    .map(({ line }) =>
      objection(
        source,
        line,
        "gives a token to what is measured",
        "give it to the step that asks GitHub for something",
      ),
    );
}

function checkPlaces(source: WorkflowText, workflow: Workflow): Problem[] {
  return secretsIn(expressionsIn(workflow.written)).flatMap(({ line, expression, path }) => {
    const [, , part, place] = path;
    if (readsOf(expression).some((name) => /^secrets(\.\*)?$/.test(name))) {
      return [objection(source, line, "takes all secrets at once", "name the one that the step uses")];
    }
    if (part === "steps" && (place === "env" || place === "with")) return [];
    const message = `has a secret in ${path.join(".")}, which reaches more than one step`;
    return [objection(source, line, message, "give it to the one step that uses it, in its env")];
  });
}

/** Whether a job reads a secret of its own or one that the workflow gives to all. */
export function hasSecret(workflow: Workflow, job: WorkflowJob): boolean {
  return secretsIn([...expressionsIn(job.written), ...expressionsIn(workflow.env)]).length > 0;
}

function secretsIn(expressions: readonly FoundExpression[]): FoundExpression[] {
  return expressions.filter(({ expression }) => readsOf(expression).some((name) => /^secrets(\.|$)/.test(name)));
}
