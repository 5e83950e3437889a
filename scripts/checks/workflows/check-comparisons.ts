import { isSequence } from "@actions/workflow-parser";
import { entriesOf, textOf, type Workflow } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";
import { comparisonsIn, expressionsIn, readsOf } from "./workflow-tokens.ts";

/** What is compared with a text can have that text as its value: else a condition never holds, or always does. */
export function checkComparisons(source: WorkflowText, workflow: Workflow): Problem[] {
  const rules = valuesOf(workflow);
  return expressionsIn(workflow.written).flatMap(({ line, expression, path }) => [
    ...(path.at(-1) === "if" && readsOf(expression).includes("github.ref_name")
      ? [objection(source, line, "asks for github.ref_name, which a tag can have too", "compare github.ref")]
      : []),
    ...comparisonsIn(expression).flatMap(({ name, value }) => {
      const [, values] = rules.find(([pattern]) => pattern.test(name)) ?? [];
      if (values === undefined || values.includes(value)) return [];
      return [objection(source, line, `compares ${name} with "${value}"`, `it can be: ${values.join(", ")}`)];
    }),
  ]);
}

function valuesOf({ on }: Workflow): readonly (readonly [name: RegExp, values: readonly string[]])[] {
  const events = entriesOf(on).map(([name]) => name);
  return [
    [/^github\.event_name$/i, events],
    [/^github\.event\.schedule$/i, cronsOf(on)],
    [/^needs\.[\w*-]+\.result$/i, ["success", "failure", "cancelled", "skipped"]],
    [/^steps\.[\w-]+\.(outcome|conclusion)$/i, ["success", "failure", "cancelled", "skipped"]],
    [/\.VERDICT_EXIT$/i, ["0", "2", "3"]],
    [/\.CADENCE$/i, ["night", "release"]],
  ];
}

function cronsOf(on: Workflow["on"]): string[] {
  const schedule = entriesOf(on).find(([name]) => name === "schedule")?.[1];
  if (schedule === undefined || !isSequence(schedule)) return [];
  return [...schedule].flatMap((item) => entriesOf(item).flatMap(([, cron]) => textOf(cron) ?? []));
}
