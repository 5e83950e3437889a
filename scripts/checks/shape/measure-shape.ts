import path from "node:path";
import { groupBy } from "@forgebench/errors";
import ts from "typescript";
import { functionsOf, type MeasuredFunction } from "../check-function-length.ts";
import { isTest, listFiles, readText } from "../source-tree.ts";
import { type CodeSize, codeSizeOf, exportsOf } from "./read-source.ts";

/** How long functions are, in lines. */
interface FunctionLengths {
  readonly count: number;
  readonly median: number;
  /** Nine of ten are not longer. */
  readonly p90: number;
  readonly longest: number;
}

/** What a part of the code looks like. */
export interface PartShape {
  /** Files, functions and exports are those of production code. */
  readonly fileCount: number;
  /** Lines that hold code. */
  readonly productionLines: number;
  /** Tokens of TypeScript's scanner. */
  readonly productionTokens: number;
  readonly testLines: number;
  readonly functions: FunctionLengths;
  readonly exportCount: number;
  readonly documentedCount: number;
}

/** A package or a folder of scripts. */
interface GroupShape extends PartShape {
  /** `packages/NAME` or `scripts/NAME`. */
  readonly name: string;
}

/** The shape of a checkout. */
export interface Shape {
  readonly groups: readonly GroupShape[];
  readonly total: PartShape;
  /** The longest functions, the longest first. */
  readonly longest: readonly MeasuredFunction[];
}

const SHOWN_FUNCTIONS = 10;

/** Measures all code below `packages` and `scripts` of a checkout. */
export function measureShape(root: string): Shape {
  const files = ["packages", "scripts"]
    .flatMap((folder) => listFiles(root, folder))
    // What a program has made is nobody's code.
    .filter((file) => /\.[mc]?[jt]s$/.test(file) && !file.includes(".generated.") && file.split("/").length > 2)
    .map((file) => measureFile(root, file));
  const groups = groupBy(files, ({ group }) => group);
  const functions = files.flatMap((file) => file.functions);
  return {
    groups: [...groups].map(([name, own]) => ({ name, ...partOf(own) })),
    total: partOf(files),
    longest: functions.toSorted((a, b) => b.lines - a.lines).slice(0, SHOWN_FUNCTIONS),
  };
}

interface MeasuredFile extends CodeSize {
  readonly group: string;
  readonly isTest: boolean;
  readonly functions: readonly MeasuredFunction[];
  readonly exports: readonly { readonly isDocumented: boolean }[];
}

function measureFile(root: string, file: string): MeasuredFile {
  const source = ts.createSourceFile(file, readText(root, file), ts.ScriptTarget.Latest, true);
  const isForTests = isTestCode(file);
  return {
    group: file.split("/").slice(0, 2).join("/"),
    isTest: isForTests,
    ...codeSizeOf(source),
    functions: isForTests ? [] : functionsOf(source),
    exports: isForTests ? [] : exportsOf(source),
  };
}

/** Wider than {@link isTest}: all that production code never loads. */
function isTestCode(file: string): boolean {
  return isTest(file) || /^testing\b.*\.ts$/.test(path.posix.basename(file)) || file.includes("/fixtures/");
}

function partOf(files: readonly MeasuredFile[]): PartShape {
  const production = files.filter((file) => !file.isTest);
  const exported = production.flatMap((file) => file.exports);
  const sumOf = (some: readonly MeasuredFile[], size: keyof CodeSize) =>
    some.reduce((sum, file) => sum + file[size], 0);
  return {
    fileCount: production.length,
    productionLines: sumOf(production, "lineCount"),
    productionTokens: sumOf(production, "tokenCount"),
    testLines: sumOf(
      files.filter((file) => file.isTest),
      "lineCount",
    ),
    functions: lengthsOf(production.flatMap((file) => file.functions)),
    exportCount: exported.length,
    documentedCount: exported.filter(({ isDocumented }) => isDocumented).length,
  };
}

function lengthsOf(functions: readonly MeasuredFunction[]): FunctionLengths {
  const lengths = functions.map(({ lines }) => lines).sort((a, b) => a - b);
  const at = (share: number) => lengths[Math.max(0, Math.ceil(share * lengths.length) - 1)] ?? 0;
  return { count: lengths.length, median: at(0.5), p90: at(0.9), longest: at(1) };
}
