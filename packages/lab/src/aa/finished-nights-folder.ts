import { readFile } from "node:fs/promises";
import path from "node:path";
import { comparison, parseRawRuns, type RunContext, rawRun, runContext } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { isThere, readArtifact, readInputText, writeFileAtomic } from "@forgebench/io";
import { runFilesOf } from "@forgebench/runner";
import type { NullNight } from "./null-nights.ts";

/** What the log says of a night. */
export interface FinishedNight {
  readonly night: number;
  readonly durationMs: number;
}

/** The log of the finished nights of a folder, a line each. */
export const nightsLog = (root: string) => path.join(root, "nights.ndjson");

/** Where the files of a night are: two measurements and what they say. */
export function nightFiles(root: string, night: number) {
  const folder = path.join(root, "nights", String(night).padStart(5, "0"));
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    /** The measurement by evidence, and what it says. */
    blocked: at("blocked"),
    compare: at("compare.json"),
    /** All head, then all base, and what they say. */
    allHead: at("all-head"),
    allBase: at("all-base"),
    sequentialCompare: at("sequential-compare.json"),
  };
}

/**
 * The nights that were finished before; what a kill left of the log's last line is cut off.
 * @throws {OperationError} when there are some that shall not be continued, or the log is another program's.
 */
export async function readFinishedNights(root: string, isResumed: boolean): Promise<FinishedNight[]> {
  const file = nightsLog(root);
  const text = (await isThere(file)) ? await readFile(file, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const nights = whole.split("\n").flatMap((line) => (line === "" ? [] : [parseLine(line, file)]));
  if (nights.length > 0 && !isResumed) {
    throw new OperationError("output", `Cannot begin in "${root}": ${nights.length} nights are there already`, {
      details: [{ label: "try", text: "--resume to continue them, or another --out-dir" }],
    });
  }
  if (whole !== text) await writeFileAtomic(file, whole);
  return nights;
}

function parseLine(line: string, file: string): FinishedNight {
  const found = /^\{"night":(\d+),"durationMs":(\d+)\}$/.exec(line);
  if (found !== null) return { night: Number(found[1]), durationMs: Number(found[2]) };
  throw new OperationError("data", `Cannot read "${file}": ${JSON.stringify(line)} is no line of this program`);
}

/** What a finished night was measured under. */
export async function readNightContext(root: string, night: number): Promise<RunContext> {
  return (await readArtifact(runContext, runFilesOf(nightFiles(root, night).blocked).context)).value;
}

/** All that a finished night says. */
export async function readNight(root: string, { night, durationMs }: FinishedNight): Promise<NullNight> {
  const { blocked, compare, sequentialCompare } = nightFiles(root, night);
  const { rawRuns } = runFilesOf(blocked);
  return {
    comparison: (await readArtifact(comparison, compare)).value,
    sequential: (await readArtifact(comparison, sequentialCompare)).value,
    runs: parseRawRuns(await readInputText(rawRuns, rawRun.kind), rawRuns).runs,
    durationMs,
  };
}
