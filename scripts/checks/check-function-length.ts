import ts from "typescript";
import { isTest, listSources, type Problem, readText } from "./source-tree.ts";

const MAX_LINES = 40;

/** A function with a body, and how many lines it takes, its signature included. */
export interface MeasuredFunction {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly lines: number;
}

/** No function has more than 40 lines. Tests are exempt. */
export function checkFunctionLength(root: string): Problem[] {
  return measureFunctions(root)
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, line, name, lines }) => ({
      file,
      line,
      message: `${name} has ${lines} lines; a function has at most ${MAX_LINES}`,
      remedy: "split it: plan in one function, act in another",
    }));
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
