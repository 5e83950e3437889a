import { type Contexts, evaluate, type Json } from "./evaluate.ts";
import type { Template } from "./workflow.ts";

/** One job of a matrix: its values, and its place. */
export interface MatrixJob {
  readonly matrix: Readonly<Record<string, Json>>;
  readonly strategy: Readonly<Record<string, Json>>;
}

/** The jobs of a `strategy`: every combination of its lists. `include` and `exclude` are not used here, and refused. */
export function expandMatrix(strategy: Template | undefined, contexts: Contexts): MatrixJob[] {
  const value = evaluate(strategy, contexts);
  const { matrix = {}, "fail-fast": failFast = true } = objectOf(value);
  const lists = Object.entries(objectOf(matrix));
  const combinations = lists.reduce<Record<string, Json>[]>(
    (sofar, [name, values]) => {
      if (!Array.isArray(values) || values.length === 0 || name === "include" || name === "exclude") {
        throw new Error(`matrix: "${name}" is not a list of values, or has a form that is not rehearsed`);
      }
      return sofar.flatMap((one) => values.map((item: Json) => ({ ...one, [name]: item })));
    },
    [{}],
  );
  return combinations.map((one, index) => ({
    matrix: one,
    strategy: { "job-index": index, "job-total": combinations.length, "fail-fast": failFast },
  }));
}

/** An object as it is; anything else counts as an empty one, as it does where workflows leave a key out. */
export function objectOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {};
}
