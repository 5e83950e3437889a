import { controlFactors, type plantedByOf } from "@forgebench/artifacts";
import type { PlannedRun } from "./schedule.ts";

/** How the work of a control is added: by a module that Node loads into the subject, a command of the suite, or our helper. */
export type PlantedBy = ReturnType<typeof plantedByOf>;

/** The slowdown of an arm of a control, as a text of fixed length: the planted factor for the head, none for the base. */
export function plantedFactor({ cell, arm }: Pick<PlannedRun, "cell" | "arm">): string {
  const factor = cell.control === undefined || arm === "base" ? 0 : controlFactors[cell.control];
  return factor.toFixed(2);
}

/** The values that the preload, or the helper, needs for a run. */
interface PlantOrder {
  /** `plant-preload.cjs`, absolute; undefined for the helper, which is part of the command. */
  readonly preload: string | undefined;
  readonly factor: string;
  /** The file for its result. */
  readonly file: string;
  /** The time of a run after its last own instruction, estimated from earlier runs. */
  readonly tailMs: number;
}

/**
 * The variables of a control run, of equal size whatever the numbers are. `FORGEBENCH_PLANT_START` is a place that the
 * executor fills in just before it makes the process.
 */
export function plantEnvironment({ preload, factor, file, tailMs }: PlantOrder): Record<string, string> {
  return {
    ...(preload === undefined ? {} : { NODE_OPTIONS: `--require ${quoted(preload)}` }),
    FORGEBENCH_PLANT_FACTOR: factor,
    FORGEBENCH_PLANT_FILE: file,
    [PLANT_START_VARIABLE]: nanoseconds(0n),
    FORGEBENCH_PLANT_TAIL: nanoseconds(BigInt(Math.max(0, Math.round(tailMs * 1e6)))),
  };
}

/** The environment of a control run without its slowdown. */
export function withoutPlant(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name !== "NODE_OPTIONS" && !name.startsWith("FORGEBENCH_PLANT_")),
  );
}

/** When the process was made: nanoseconds of the monotonic clock. `timed-run.pl` knows the name too. */
export const PLANT_START_VARIABLE = "FORGEBENCH_PLANT_START";

/** Nanoseconds as a text of one length. */
export function nanoseconds(value: bigint): string {
  return String(value).padStart(20, "0");
}

/** A word of `NODE_OPTIONS`, which splits at spaces. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The result of the preload, or of the helper. */
interface Planted {
  /** From when the process was made until it began to burn. */
  readonly elapsedMs: number;
  readonly burnedMs: number;
}

/** Reads their result; undefined if it is incomplete. */
export function parsePlanted(text: string): Planted | undefined {
  const [, elapsedNs, burnedNs] = /^(\d+) (\d+)\n$/.exec(text) ?? [];
  if (elapsedNs === undefined || burnedNs === undefined) return undefined;
  return { elapsedMs: Number(elapsedNs) / 1e6, burnedMs: Number(burnedNs) / 1e6 };
}

/** The command of a control run of a suite with a `plantCommand`. */
export function plantedCommand(template: readonly string[], factor: string, command: readonly string[]): string[] {
  return template.flatMap((argument) =>
    argument === "{command}" ? command : [argument.replaceAll("{factor}", factor)],
  );
}
