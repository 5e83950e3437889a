import { UsageError } from "@forgebench/errors";

/** What a tar header can hold. */
const MAX_SECONDS = 8_589_934_591;

/**
 * The time that a dataset's artifacts and archive entries bear, which must not depend on when they were made:
 * `SOURCE_DATE_EPOCH` (seconds since 1970) when it is set, else 2026-01-01T00:00:00Z plus one second a patch, 1,000 a
 * minor and 1,000,000 a major version (each modulo 1,000): 1.2.3 is 2026-01-12T14:20:03Z. A pre-release has the time of
 * its release.
 *
 * @throws {UsageError} when `SOURCE_DATE_EPOCH` is not a number of seconds (exit 64)
 */
export function creationDate(datasetVersion: string, sourceDateEpoch: string | undefined): Date {
  const given = sourceDate(sourceDateEpoch);
  if (given !== undefined) return given;
  const [major = 0, minor = 0, patch = 0] = (datasetVersion.split("-")[0] ?? "").split(".").map((part) => {
    return Number(BigInt(part) % 1000n);
  });
  return new Date(Date.UTC(2026, 0, 1) + 1000 * (1_000_000 * major + 1000 * minor + patch));
}

/**
 * The time that `SOURCE_DATE_EPOCH` states (seconds since 1970, as reproducible-builds.org has it); nothing when it is
 * unset or empty.
 *
 * @throws {UsageError} when it is not a number of seconds, or more than a tar header can hold (exit 64)
 */
export function sourceDate(text: string | undefined): Date | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= MAX_SECONDS) return new Date(1000 * seconds);
  throw new UsageError(`SOURCE_DATE_EPOCH: ${JSON.stringify(text)} is not a time`, [
    { label: "expected", text: `whole seconds since 1970, at most ${MAX_SECONDS}, for example 1767225600; or unset` },
  ]);
}
