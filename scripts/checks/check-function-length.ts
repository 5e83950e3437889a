import ts from "typescript";
import { isTest, listSources, type Problem, readText } from "./source-tree.ts";

/** No function is longer. */
const MAX_LINES = 70;
/** A longer one must stand in the baseline, where it can only become shorter. */
const RATCHET_LINES = 40;

/** The functions that were longer than allowed when the rule came, from the project's root; `--write` shortens it. */
export const BASELINE_FILE = "scripts/checks/function-length-baseline.json";

/** A function with a body, and how many lines it takes, its signature included. */
export interface MeasuredFunction {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly lines: number;
}

/** Lines by `file#function`. */
type Baseline = Readonly<Record<string, number>>;

/**
 * No function is longer than 70 lines; one longer than 40 is in the baseline and has not grown. A function that became shorter or
 * was removed leaves the baseline, so that the list only shrinks. Tests are exempt.
 */
export function checkFunctionLength(root: string): Problem[] {
  const functions = measureFunctions(root);
  const baseline = readBaseline(root);
  const long = new Map(functions.filter(({ lines }) => lines > RATCHET_LINES).map((found) => [keyOf(found), found]));
  return [
    ...[...long.values()].flatMap((found) => objectToFunction(found, baseline[keyOf(found)])),
    ...Object.entries(baseline).flatMap(([key, lines]) => objectToEntry(key, lines, long.get(key)?.lines)),
  ];
}

function objectToFunction(found: MeasuredFunction, allowed: number | undefined): Problem[] {
  const { file, line, name, lines } = found;
  const at = { file, line, remedy: "split it: plan in one function, act in another" };
  if (lines > MAX_LINES)
    return [{ ...at, message: `${name} has ${lines} lines; no function has more than ${MAX_LINES}` }];
  if (allowed === undefined)
    return [{ ...at, message: `${name} has ${lines} lines; a new function has at most ${RATCHET_LINES}` }];
  if (lines > allowed) return [{ ...at, message: `${name} grew from ${allowed} to ${lines} lines` }];
  return [];
}

function objectToEntry(key: string, recorded: number, lines: number | undefined): Problem[] {
  if (lines !== undefined && lines >= recorded) return [];
  const message = `records ${recorded} lines for ${key}, which now has ${lines ?? `at most ${RATCHET_LINES}`}`;
  return [{ file: BASELINE_FILE, line: 1, message, remedy: "npm run check:house -- --write" }];
}

function readBaseline(root: string): Baseline {
  return JSON.parse(readText(root, BASELINE_FILE) || "{}");
}

/** The baseline without functions that became shorter; it never gains an entry or a line. */
export function shrinkBaseline(root: string): Baseline {
  const now = new Map(measureFunctions(root).map((found) => [keyOf(found), found.lines]));
  const entries = Object.entries(readBaseline(root)).map(
    ([key, lines]) => [key, Math.min(lines, now.get(key) ?? 0)] as const,
  );
  return Object.fromEntries(entries.filter(([, lines]) => lines > RATCHET_LINES));
}

function keyOf({ file, name }: MeasuredFunction): string {
  return `${file}#${name}`;
}

/** Every function with a block body in the sources, tests left out. */
export function measureFunctions(root: string): MeasuredFunction[] {
  return listSources(root)
    .filter((file) => !isTest(file))
    .flatMap((file) => functionsOf(ts.createSourceFile(file, readText(root, file), ts.ScriptTarget.Latest, true)));
}

/** Every function with a block body in a file, whose nodes know their parents. */
export function functionsOf(source: ts.SourceFile): MeasuredFunction[] {
  return functionsIn(source, source, source.fileName);
}

function functionsIn(node: ts.Node, source: ts.SourceFile, file: string): MeasuredFunction[] {
  const own: MeasuredFunction[] = [];
  if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined && ts.isBlock(node.body)) {
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
    own.push({ file, line: first + 1, name: nameOf(node, source), lines: last - first + 1 });
  }
  const inner: MeasuredFunction[] = [];
  ts.forEachChild(node, (child) => void inner.push(...functionsIn(child, source, file)));
  return [...own, ...inner];
}

function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  if (node.name !== undefined) return node.name.getText(source);
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText(source);
  return "(anonymous)";
}

/** Files that ask for a reason to be so long. */
const LONG_FILE_LINES = 300;

/** Median, 90th percentile and maximum of the function lengths, and the files that are long. */
export function describeLengths(root: string): string {
  const lengths = measureFunctions(root)
    .map(({ lines }) => lines)
    .sort((a, b) => a - b);
  const at = (share: number) => lengths[Math.max(0, Math.ceil(share * lengths.length) - 1)] ?? 0;
  const longFiles = listSources(root)
    .filter((file) => !isTest(file))
    .map((file) => ({ file, lines: readText(root, file).split("\n").length - 1 }))
    .filter(({ lines }) => lines > LONG_FILE_LINES);
  return [
    `${lengths.length} functions: median ${at(0.5)} lines, 90 % at most ${at(0.9)}, longest ${at(1)}`,
    ...longFiles.map(({ file, lines }) => `${file} has ${lines} lines, more than ${LONG_FILE_LINES}`),
  ].join("\n");
}
