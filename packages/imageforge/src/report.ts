import { EXIT, printable } from "./errors.ts";
import type { Outcome } from "./forge-image.ts";
import type { Options } from "./options.ts";

/** The report of a run, as `--json` prints it. */
export interface Report {
  readonly version: string;
  readonly summary: {
    readonly total: number;
    readonly processed: number;
    readonly cached: number;
    readonly failed: number;
    /** Not up to date; only `--check` and `--dry-run` leave any. */
    readonly pending: number;
    /** Bytes of the sources of processed and cached images, and of their outputs. */
    readonly totalOriginalSize: number;
    readonly totalProcessedSize: number;
    readonly durationMs: number;
  };
  readonly errors: readonly { readonly file: string; readonly reason: string }[];
  /** The images that are pending, and the manifest's path when `--check` finds it out of date. */
  readonly pending: readonly string[];
}

/** What a run found out, beside its images. */
interface RunFacts {
  readonly version: string;
  readonly durationMs: number;
  readonly stalePaths: readonly string[];
}

/** Sums a run up. */
export function makeReport(outcomes: readonly Outcome[], facts: RunFacts): Report {
  const count = (kind: Outcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind).length;
  const done = outcomes.flatMap((outcome) => ("entry" in outcome ? [outcome] : []));
  const processedSizes = done.flatMap(({ entry }) => entry.outputs.map(({ sizeBytes }) => sizeBytes));
  return {
    version: facts.version,
    summary: {
      total: outcomes.length,
      processed: count("processed"),
      cached: count("cached"),
      failed: count("failed"),
      pending: count("pending"),
      totalOriginalSize: sum(done.map(({ sourceSizeBytes }) => sourceSizeBytes)),
      totalProcessedSize: sum(processedSizes),
      durationMs: Math.round(facts.durationMs * 100) / 100,
    },
    errors: outcomes.flatMap((outcome) =>
      outcome.kind === "failed" ? [{ file: outcome.input.source, reason: outcome.reason }] : [],
    ),
    pending: [
      ...outcomes.flatMap((outcome) => (outcome.kind === "pending" ? [outcome.input.source] : [])),
      ...facts.stalePaths,
    ],
  };
}

/** The exit code that a report stands for. */
export function exitCodeOf(report: Report, mode: Options["mode"]): number {
  if (report.summary.failed > 0) return EXIT.someFailed;
  if (mode === "check" && report.pending.length > 0) return EXIT.notUpToDate;
  return EXIT.ok;
}

/** The report for a person: a line for each image that is not up to date, then the sums. */
export function formatReport({ summary, pending }: Report, mode: Options["mode"]): string {
  const label = mode === "check" ? "not up to date" : "to do";
  const { total, processed, cached, failed, totalOriginalSize, totalProcessedSize, durationMs } = summary;
  const counts = [
    ...(mode === "run" ? [`${processed} processed`] : [`${summary.pending} ${label}`]),
    `${cached} ${mode === "run" ? "cached" : "up to date"}`,
    `${failed} failed`,
  ];
  const sizes =
    totalOriginalSize === 0 ? "" : `   ${formatBytes(totalOriginalSize)} -> ${formatBytes(totalProcessedSize)}`;
  const duration = `${(durationMs / 1000).toFixed(durationMs < 1000 ? 2 : 1)} s`;
  return [
    ...pending.map((file) => `${label}  ${printable(file)}\n`),
    `${total} ${total === 1 ? "image" : "images"}: ${counts.join(", ")}${sizes}   ${duration}\n`,
  ].join("");
}

/** A line for each image that failed, for stderr. */
export function formatErrors({ errors }: Report): string {
  return errors.map(({ file, reason }) => `failed  ${printable(file)}: ${printable(reason)}\n`).join("");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function formatBytes(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} B`;
  return sizeBytes < 1_000_000 ? `${(sizeBytes / 1000).toFixed(1)} kB` : `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}
