import ts from "typescript";
import { hasScriptHeader } from "../check-script-table.ts";

/** How much code there is. */
export interface CodeSize {
  /** Those that hold code: a blank one inside a template counts, a comment does not. */
  readonly lineCount: number;
  /**
   * The tokens of TypeScript's scanner, each once: names, words, signs, literals, and the pieces of a template. Unlike lines
   * they stay the same whatever the line width and however code is laid out.
   */
  readonly tokenCount: number;
}

/** Counts what is neither a comment nor white space, in a file whose nodes know their parents. */
export function codeSizeOf(source: ts.SourceFile): CodeSize {
  const lines = new Set<number>();
  let tokenCount = 0;
  const visit = (node: ts.Node): void => {
    // Documentation hangs in the tree where other comments do not.
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    for (const child of children) visit(child);
    // What has no children is a token, as the parser made the scanner read it; the end of the file is empty, and so are lists.
    if (children.length > 0 || node.getStart(source) === node.getEnd()) return;
    tokenCount += 1;
    const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
    for (let line = lineAt(node.getStart(source)); line <= lineAt(node.getEnd()); line += 1) lines.add(line);
  };
  visit(source);
  return { lineCount: lines.size, tokenCount };
}

/** Something that a file declares and exports; what it passes on from another file is that file's. */
interface ExportedName {
  readonly name: string;
  /** Whether a docstring stands before it, or the header of a script stands for one. */
  readonly isDocumented: boolean;
}

/** What the launcher takes from a script. */
const SCRIPT_EXPORTS: readonly string[] = ["main", "spec"];

/**
 * The exported declarations of a file. The header of a script (Purpose, Reads, Writes and so on) is the documentation of the
 * script, so it is that of its `main` and `spec` too: a docstring on these could only repeat it.
 */
export function exportsOf(source: ts.SourceFile): ExportedName[] {
  const listed = namesInLists(source);
  const documentedByHeader = isScriptWithHeader(source) ? SCRIPT_EXPORTS : [];
  return source.statements.flatMap((statement) => {
    const names = namesOf(statement, source).filter((name) => isExported(statement) || listed.has(name));
    const hasDocstring = ts.getJSDocCommentsAndTags(statement).length > 0;
    return names.map((name) => ({ name, isDocumented: hasDocstring || documentedByHeader.includes(name) }));
  });
}

function isScriptWithHeader({ fileName, text }: ts.SourceFile): boolean {
  return fileName.startsWith("scripts/") && hasScriptHeader(text);
}

function namesOf(statement: ts.Statement, source: ts.SourceFile): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText(source));
  }
  const isDeclaration =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isDeclaration ? [statement.name?.text ?? "default"] : [];
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

/** What `export { a, b };` names. */
function namesInLists(source: ts.SourceFile): Set<string> {
  const names = source.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
    const { exportClause } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    return exportClause.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
  });
  return new Set(names);
}
