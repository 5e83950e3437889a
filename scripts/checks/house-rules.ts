/**
 * Purpose: checks the rules of this house that no compiler or linter knows; each is a function in a file beside this one.
 * Reads: the project's sources, documentation and fixtures.
 * Writes: nothing; with --write the JSON Schemas in docs/artifacts/schemas, and the preflight of npm run bench.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run check:house
 */
import path from "node:path";
import { artifactKinds } from "@forgebench/artifacts";
import {
  EXIT,
  launch,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  writeFileAtomic,
} from "@forgebench/io";
import { checkArtifactDocs, docsOf, schemaText } from "./check-artifact-docs.ts";
import { checkFixtures } from "./check-fixtures.ts";
import { checkForbiddenText, checkLockfile } from "./check-forbidden-text.ts";
import { checkFunctionLength } from "./check-function-length.ts";
import { checkImportDirection } from "./check-import-direction.ts";
import { checkLinks } from "./check-links.ts";
import { checkPreflight, PREFLIGHT, preflightText } from "./check-preflight.ts";
import { checkScriptHeaders, checkScriptTable } from "./check-script-table.ts";
import { checkWorkflows } from "./check-workflows.ts";
import type { HouseRule, Problem } from "./source-tree.ts";

const RULES: Readonly<Record<string, HouseRule>> = {
  "import direction": checkImportDirection,
  "script table": checkScriptTable,
  "script headers": checkScriptHeaders,
  "artifact docs": checkArtifactDocs,
  fixtures: checkFixtures,
  "function length": checkFunctionLength,
  links: checkLinks,
  preflight: checkPreflight,
  "forbidden text": checkForbiddenText,
  "lock file": checkLockfile,
  workflows: checkWorkflows,
};

const flags = {
  root: pathFlag({ fallback: ".", description: "the project to check" }),
  write: switchFlag({ description: "first write the JSON Schemas and the preflight anew" }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "npm run check:house --",
  purpose:
    "Checks the rules of this house: imports, scripts, artifact pages, fixtures, function lengths, forbidden text.",
  flags,
  notes: ["Exit 2 when a rule is broken; each problem is one line: file:line, what is wrong, and the remedy."],
  examples: ["npm run check:house", "npm run check:house -- --write"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async ({ root, write }) => {
    if (write) await writeGenerated(root);
    const problems = (await Promise.all(Object.values(RULES).map((rule) => rule(root)))).flat();
    for (const problem of problems) io.stderr.write(`${describeProblem(problem)}\n`);
    io.stdout.write(`${Object.keys(RULES).length} house rules, ${problems.length} problems\n`);
    return problems.length === 0 ? EXIT.ok : EXIT.gate;
  });
}

function describeProblem({ file, line, message, remedy }: Problem): string {
  return `${file}:${line}  ${message}  → ${remedy}`;
}

async function writeGenerated(root: string): Promise<void> {
  for (const kind of artifactKinds) await writeFileAtomic(path.join(root, docsOf(kind).schema), schemaText(kind));
  await writeFileAtomic(path.join(root, PREFLIGHT), await preflightText(root));
}

await launch(import.meta.url, main);
