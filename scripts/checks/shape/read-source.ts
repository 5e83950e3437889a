import ts from "typescript";

/** How many lines hold code: a blank one inside a template counts, a comment does not. */
export function codeLinesOf(source: ts.SourceFile): number {
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    // Documentation hangs in the tree where other comments do not.
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    for (const child of children) visit(child);
    if (children.length > 0 || node.getStart(source) === node.getEnd()) return;
    const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
    for (let line = lineAt(node.getStart(source)); line <= lineAt(node.getEnd()); line += 1) lines.add(line);
  };
  visit(source);
  return lines.size;
}

/** Something that a file declares and exports; what it passes on from another file is that file's. */
export interface ExportedName {
  readonly name: string;
  /** Whether a docstring stands before it. */
  readonly isDocumented: boolean;
}

/** The exported declarations of a file. */
export function exportsOf(source: ts.SourceFile): ExportedName[] {
  const listed = namesInLists(source);
  return source.statements.flatMap((statement) => {
    const names = namesOf(statement, source).filter((name) => isExported(statement) || listed.has(name));
    const isDocumented = ts.getJSDocCommentsAndTags(statement).length > 0;
    return names.map((name) => ({ name, isDocumented }));
  });
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
