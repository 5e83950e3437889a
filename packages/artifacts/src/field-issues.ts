import { type ArtifactIssue, nearestName, slippedName } from "@forgebench/errors";
import type * as z from "zod";
import { findNearKeys, type NearKey } from "./near-keys.ts";

/** A document as its schema reads it, or what is wrong with it. */
type Checked<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly issues: readonly ArtifactIssue[] };

/** Checks a document. Each issue has the path of its field, and says what is there and what should be. */
export function checkFields<T>(schema: z.ZodType<T>, document: unknown): Checked<T> {
  const result = schema.safeParse(document, { error: describeIssue, reportInput: true });
  if (result.success) return { success: true, data: result.data };
  const near = findNearKeys(schema, document);
  return { success: false, issues: result.error.issues.flatMap((issue) => flattenIssue(issue, [], near)) };
}

/** The keys of a document that are misspelled beyond doubt, each with the one that is meant. */
export function findMisspelledKeys(schema: z.core.$ZodType, document: unknown): ArtifactIssue[] {
  return findNearKeys(schema, document).map(strangeKey);
}

function strangeKey({ path, key, meant }: { path: readonly PropertyKey[]; key: string; meant?: string | undefined }) {
  const remedy = meant === undefined ? "" : `, ${JSON.stringify(meant)} is meant?`;
  return { path: formatPath([...path, key]), message: `${JSON.stringify(key)} is not a field here${remedy}` };
}

/** An issue of a union says only that no branch fits; the branch that fits best says what is wrong. */
function flattenIssue(
  issue: z.core.$ZodIssue,
  parents: readonly PropertyKey[],
  near: readonly NearKey[],
): ArtifactIssue[] {
  const path = [...parents, ...issue.path];
  const told = [{ path: formatPath(path), message: issue.message }];
  switch (issue.code) {
    case "invalid_union": {
      const branch = bestBranch(issue.errors);
      return branch === undefined ? told : branch.flatMap((inner) => flattenIssue(inner, path, near));
    }
    case "unrecognized_keys":
      return issue.keys.map((key) => strangeKey({ path, key, meant: meantBy(near, path, key) }));
    case "invalid_key":
      return issue.issues.flatMap((inner) => flattenIssue(inner, path, near));
    case "invalid_format":
      return [{ path: formatPath(path), message: withValue(issue.message, issue.input) }];
    default:
      return issue.input === undefined ? [missingField(path, issue.message, near)] : told;
  }
}

/** A missing field, and the misspelled key that is there instead. */
function missingField(path: readonly PropertyKey[], message: string, near: readonly NearKey[]): ArtifactIssue {
  const parent = formatPath(path.slice(0, -1));
  const slip = near.find((own) => own.meant === path.at(-1) && formatPath(own.path) === parent);
  const hint = slip === undefined ? "" : `; found ${JSON.stringify(slip.key)} instead`;
  return { path: formatPath(path), message: `${message}${hint}` };
}

function meantBy(near: readonly NearKey[], path: readonly PropertyKey[], key: string): string | undefined {
  return near.find((own) => own.key === key && formatPath(own.path) === formatPath(path))?.meant;
}

/** The branch that fits furthest, and of those the one with the fewest keys too many or too few. */
function bestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]) {
  const depth = (branch: readonly z.core.$ZodIssue[]) =>
    Math.max(0, ...branch.map(({ code, path }) => path.length + (code === "unrecognized_keys" ? 1 : 0)));
  const [best] = branches.toSorted((a, b) => depth(b) - depth(a) || misfits(a) - misfits(b));
  return best === undefined || depth(best) === 0 ? undefined : best;
}

function misfits(branch: readonly z.core.$ZodIssue[]): number {
  const strange = branch.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  const missing = branch.flatMap(({ code, input, path }) =>
    code !== "custom" && input === undefined ? [String(path.at(-1))] : [],
  );
  const slips = strange.filter((key) => slippedName(key, missing) !== undefined);
  return strange.length + missing.length - slips.length;
}

/** The message of an issue that its schema gives none. */
const describeIssue: z.core.$ZodErrorMap = (issue) => {
  const { input } = issue;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${nounOf(issue.expected)}, found ${describeValue(input)}`;
    case "invalid_value":
      return `expected ${choiceOf(issue.values.map(String))}, found ${describeValue(input)}${meantWord(input, issue.values)}`;
    case "too_small":
      return `expected ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}, found ${amountOf(input)}`;
    case "too_big":
      return `expected ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}, found ${amountOf(input)}`;
    case "invalid_format":
      return issue.format === "datetime" ? "not a time such as 2026-02-15T00:00:00Z" : undefined;
    default:
      return undefined;
  }
};

const NOUNS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "an array",
};

function nounOf(expected: string): string {
  return NOUNS[expected] ?? expected;
}

function choiceOf(values: readonly string[]): string {
  const last = JSON.stringify(values.at(-1));
  return values.length < 2 ? last : `${values.slice(0, -1).map(quoted).join(", ")} or ${last}`;
}

function meantWord(input: unknown, values: readonly z.core.util.Primitive[]): string {
  const nearest = typeof input === "string" && values.length > 1 ? nearestName(input, values.map(String)) : undefined;
  return nearest === undefined ? "" : `, ${JSON.stringify(nearest)} is meant?`;
}

function unitOf(origin: string, amount: number | bigint): string {
  if (origin === "string") return Number(amount) === 1 ? " character" : " characters";
  if (origin !== "array") return "";
  return Number(amount) === 1 ? " entry" : " entries";
}

function amountOf(input: unknown): string {
  return Array.isArray(input) ? String(input.length) : describeValue(input);
}

/** The value before a message that says what it is not. */
function withValue(message: string, input: unknown): string {
  return typeof input === "string" && message.startsWith("not ") ? `${quoted(input)} is ${message}` : message;
}

const MAX_QUOTED = 80;

/** A text in quotes, not too long, and of an address nothing that may be secret. */
function quoted(text: string): string {
  const told = text.replace(/:\/\/[^/?#\s]*@/g, "://…@").replace(/(:\/\/[^?#\s]*)[?#].*/s, "$1…");
  return JSON.stringify(told.length > MAX_QUOTED ? `${told.slice(0, MAX_QUOTED)}…` : told);
}

/** A value as a message names it. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? quoted(value) : String(value);
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
