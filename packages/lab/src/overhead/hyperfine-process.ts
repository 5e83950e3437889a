import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { codeOf, OperationError } from "@forgebench/errors";

/** How hyperfine runs a command. */
export interface HyperfinePlan {
  readonly runs: number;
  /** Its working folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The wall times of a command by `hyperfine -N`, in ms. @throws {OperationError} when there is no hyperfine. */
export async function runHyperfine(
  argv: readonly string[],
  { runs, folder, env, signal }: HyperfinePlan,
): Promise<number[]> {
  const file = path.join(folder, "hyperfine.json");
  const command = argv.map((argument) => `'${argument}'`).join(" ");
  const options = ["-N", "--style", "none", "--runs", String(runs), "--export-json", file];
  try {
    await promisify(execFile)("hyperfine", [...options, command], { cwd: folder, env, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (codeOf(error) !== "ENOENT") throw error;
    throw new OperationError("service", "Cannot measure the overhead: there is no hyperfine on the PATH", {
      details: [{ label: "try", text: "apt-get install hyperfine, or see https://github.com/sharkdp/hyperfine" }],
      cause: error,
    });
  }
  const report: { results: { times: number[] }[] } = JSON.parse(await readFile(file, "utf8"));
  return report.results.flatMap(({ times }) => times.map((seconds) => seconds * 1000));
}
