import { type FetchFailure, type FetchReport, fetchReport } from "@forgebench/artifacts";
import type { FetchResult } from "./fetch-results.ts";

/** The report of a run: what it was fetched with, how many sources ended how, and each of them. */
export function fetchReportOf(
  options: FetchReport["options"],
  register: NonNullable<FetchReport["register"]>,
  results: readonly FetchResult[],
): FetchReport {
  return {
    kind: fetchReport.slug,
    version: fetchReport.version?.current ?? "",
    options,
    register,
    totals: totalsOf(results),
    results: [...results],
  };
}

function totalsOf(results: readonly FetchResult[]): FetchReport["totals"] {
  const count = (test: (result: FetchResult) => boolean) => results.filter(test).length;
  const byCategory = (category: FetchFailure) => count(({ failureCategory }) => failureCategory === category);
  return {
    enabled: count(({ status }) => status !== "disabled"),
    disabled: count(({ status }) => status === "disabled"),
    downloaded: count(({ status }) => status === "downloaded"),
    present: count(({ status }) => status === "present"),
    failed: count(({ status }) => status === "failed"),
    missingHash: byCategory("missing-hash"),
    checksumMismatch: byCategory("checksum-mismatch"),
    downloadFailed: byCategory("download-failed"),
    schemaInvalid: byCategory("schema-invalid"),
  };
}
