import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { isBasicExpression, isMapping, isSequence } from "@actions/workflow-parser";
import { splitAllowedContext } from "@actions/workflow-parser/templates/allowed-context";
import { InvariantError } from "@forgebench/errors";
import type { Template } from "./workflow.ts";

/** A value of JSON, as contexts and outputs are. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `github`, `env`, `needs` and the others, by name. */
export type Contexts = Readonly<Record<string, Json>>;

/** The state of the run for an expression: the answers of `success()`, `failure()` and the like. */
export interface Status {
  readonly isSuccess: boolean;
  readonly isFailure: boolean;
  readonly isCancelled: boolean;
}

type StatusFunction = readonly [name: string, answer: (status: Status) => boolean];

const STATUS_FUNCTIONS: readonly StatusFunction[] = [
  ["always", () => true],
  ["success", (status) => status.isSuccess],
  ["failure", (status) => status.isFailure],
  ["cancelled", (status) => status.isCancelled],
];

const GOING_WELL: Status = { isSuccess: true, isFailure: false, isCancelled: false };

/**
 * What a value of a workflow comes to, by GitHub's own evaluator. Contexts that are not allowed at its place are refused as
 * GitHub refuses them.
 */
export function evaluate(token: Template | undefined, contexts: Contexts, status: Status = GOING_WELL): Json {
  if (token === undefined) return null;
  if (isBasicExpression(token)) return evaluateExpression(token.expression, token, contexts, status);
  if (isSequence(token)) return [...token].map((item) => evaluate(item, contexts, status));
  if (isMapping(token)) {
    return Object.fromEntries(
      [...token].map(({ key, value }) => [key.toString(), evaluate(value, contexts, status)] as const),
    );
  }
  if (!token.isLiteral) throw new InvariantError(`a value of a workflow of unknown form: ${token.toString()}`);
  return jsonOf(token);
}

function jsonOf(token: Template): Json {
  const written: unknown = token.toJSON();
  if (written === null || ["string", "number", "boolean"].includes(typeof written)) return written as Json;
  return token.toString();
}

function evaluateExpression(expression: string, token: Template, contexts: Contexts, status: Status): Json {
  const allowed = splitAllowedContext(token.definitionInfo?.allowedContext ?? []);
  const named = allowed.namedContexts.length > 0 ? allowed.namedContexts : Object.keys(contexts);
  const functions = STATUS_FUNCTIONS.map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer(status)),
  }));
  const tree = new Parser(new Lexer(expression).lex().tokens, named, [...functions]).parse();
  const byName = new Map(functions.map((definition) => [definition.name, definition]));
  const result = new Evaluator(tree, dictionaryOf({ ...emptied(named), ...contexts }), byName).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer) ?? "null");
}

/** A context that is allowed but says nothing, as `inputs` of a schedule. */
function emptied(names: readonly string[]): Contexts {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function dictionaryOf(contexts: Contexts): data.Dictionary {
  const made: unknown = JSON.parse(JSON.stringify(contexts), data.reviver);
  if (made instanceof data.Dictionary) return made;
  throw new InvariantError("contexts are no dictionary");
}

/** Whether a condition holds, as GitHub takes it: 0, "", null and false do not. */
export function holds(token: Template, contexts: Contexts, status: Status): boolean {
  return Boolean(evaluate(token, contexts, status));
}

/** The pairs of a mapping as texts, as `env`, `with` and `outputs` take them. */
export function evaluateTexts(token: Template | undefined, contexts: Contexts): Record<string, string> {
  const value = evaluate(token, contexts);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOfJson(item)]));
}

/** A value as GitHub puts it into a text: null is empty, objects and lists are JSON. */
export function textOfJson(value: Json): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
