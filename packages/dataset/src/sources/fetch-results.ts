import type { FetchFailure, FetchReport, FetchStatus, RegisterEntry, StatedFields } from "@forgebench/artifacts";

/** One line of the report; every field has a value. */
export type FetchResult = FetchReport["results"][number] & {
  readonly status: FetchStatus;
  readonly failureCategory: FetchFailure | null;
  readonly reason: string | null;
  readonly filename: string | null;
};

/** What became of a source, and what is left to do about it. */
export interface FetchOutcome {
  readonly result: FetchResult;
  /** The file waits in the staging folder. */
  readonly isStaged?: boolean;
  /** It failed because a service did. */
  readonly isService?: boolean;
}

/** A file as it came. */
export interface CameDownload {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly attempts: number;
}

/** Why a file did not come. */
export interface FailedDownload {
  readonly problem: string;
  readonly attempts: number;
  /** Of the bytes that came, where the whole came. */
  readonly actualSha256?: string;
  /** A service failed, and may not fail another time. */
  readonly isService: boolean;
}

/** A result as it is before anything came. */
export function blankResult(entry: RegisterEntry): FetchResult {
  const stated: StatedFields = "source" in entry ? entry.source : entry.stated;
  const attribution = "source" in entry ? (entry.source.attribution ?? "") : (entry.stated.attribution ?? null);
  return {
    id: entry.id,
    url: stated.url ?? null,
    status: "failed",
    failureCategory: null,
    reason: null,
    checksum: { expected: stated.sha256 ?? null, actual: null, match: null },
    license: stated.license ?? null,
    attribution,
    ...(stated.title === undefined || stated.title === "" ? {} : { title: stated.title }),
    filename: stated.filename ?? null,
    sizeBytes: null,
    attempts: 0,
    waived: false,
  };
}

/** The result of a file that is there; without an expected hash it was taken by a waiver. */
export function withFile(
  blank: FetchResult,
  status: "downloaded" | "present",
  { sha256, sizeBytes }: Pick<CameDownload, "sha256" | "sizeBytes">,
): FetchResult {
  const expected = blank.checksum.expected ?? null;
  const match = expected === null ? null : expected === sha256;
  return { ...blank, status, checksum: { expected, actual: sha256, match }, sizeBytes, waived: expected === null };
}

/** Bytes that hash to something else than the register says are told apart from all other failures. */
export function withoutFile(blank: FetchResult, failure: FailedDownload): FetchOutcome {
  const { actualSha256: actual, attempts, problem: reason, isService } = failure;
  const expected = blank.checksum.expected ?? null;
  const isOther = actual !== undefined && expected !== null && actual !== expected;
  const failureCategory = isOther ? "checksum-mismatch" : "download-failed";
  const checksum = isOther ? { expected, actual, match: false } : blank.checksum;
  return { result: { ...blank, failureCategory, checksum, reason, attempts }, isService };
}

/** Whether a file of the source is in the folder after this run. */
export function isBrought({ status }: Pick<FetchResult, "status">): boolean {
  return status === "downloaded" || status === "present";
}
