import { isBasicExpression, isMapping, isSequence } from "@actions/workflow-parser";
import { lineOf, type Template, textOf } from "@forgebench/rehearsal";

/** An expression of a workflow, and the keys that lead to it. */
export interface FoundExpression {
  readonly line: number;
  readonly expression: string;
  readonly path: readonly string[];
}

/** Every expression below a token; a condition is one, with `${{ }}` or without. */
export function expressionsIn(token: Template | undefined, path: readonly string[] = []): FoundExpression[] {
  if (token === undefined) return [];
  if (isBasicExpression(token)) return [{ line: lineOf(token), expression: token.expression, path }];
  if (isSequence(token)) return [...token].flatMap((item) => expressionsIn(item, path));
  if (isMapping(token)) {
    return [...token].flatMap(({ key, value }) => [
      ...expressionsIn(key, path),
      ...expressionsIn(value, [...path, key.toString()]),
    ]);
  }
  return path.at(-1) === "if" ? [{ line: lineOf(token), expression: textOf(token) ?? "", path }] : [];
}

/** What an expression reads, as `github.event_name`, in small letters; also what is written as `github['event_name']`. */
export function readsOf(expression: string): string[] {
  const plain = expression.replace(/\[\s*'([\w-]+)'\s*\]/g, ".$1").replace(/'(?:[^']|'')*'/g, "''");
  const names = plain.matchAll(/(?<![\w.-])([a-z_][\w-]*(?:\.(?:[\w-]+|\*))*)(?!\s*\(|[\w.-])/gi);
  return [...names].map(([name]) => name.toLowerCase()).filter((name) => !/^(true|false|null)$/.test(name));
}

/** What is compared with which text, in an expression: `a == 'b'`, `'b' != a`, `contains(a, 'b')`. */
export function comparisonsIn(expression: string): { readonly name: string; readonly value: string }[] {
  const name = String.raw`([\w.*-]*[a-z_*][\w.*-]*)`;
  const value = String.raw`('(?:[^']|'')*'|-?\d+)`;
  const found = [
    ...expression.matchAll(new RegExp(`${name}\\s*[!=]=\\s*${value}`, "gi")),
    ...[...expression.matchAll(new RegExp(`${value}\\s*[!=]=\\s*${name}`, "gi"))].map(([all, one = "", two = ""]) => [
      ...[all, two, one],
    ]),
    ...expression.matchAll(new RegExp(`contains\\(\\s*${name}\\s*,\\s*${value}`, "gi")),
  ];
  return found.map(([, one = "", two = ""]) => ({ name: one, value: two.replace(/^'|'$/g, "") }));
}
