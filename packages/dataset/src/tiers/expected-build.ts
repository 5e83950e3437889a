import type { Checksum, DatasetManifest } from "@forgebench/artifacts";
import { type ErrorDetail, OperationError, printableLine } from "@forgebench/errors";
import type { EncoderVersions } from "../synthesis/encode.ts";
import { findCauses } from "./expected-causes.ts";

/** What another build of the same version made. */
export interface ExpectedBuild {
  /** The checksums file. */
  readonly file: string;
  readonly checksums: readonly Checksum[];
  /** The dataset manifest that lies beside it, or why it says nothing. */
  readonly manifest: DatasetManifest | { readonly reason: string };
}

/** What was made here, and with what. */
export interface FoundBuild {
  readonly checksums: readonly Checksum[];
  readonly manifest: DatasetManifest;
  /** Those of this machine. */
  readonly encoders: EncoderVersions;
}

interface ChecksumDifferences {
  readonly different: readonly { readonly file: string; readonly expected: string; readonly found: string }[];
  /** Expected, but not made. */
  readonly missing: readonly Checksum[];
  /** Made, but not expected. */
  readonly extra: readonly Checksum[];
}

const MAX_LISTED = 20;

/** Compares two lists of checksums by file name, each in its own order. */
export function compareChecksums(expected: readonly Checksum[], found: readonly Checksum[]): ChecksumDifferences {
  const made = new Map(found.map(({ file, sha256 }) => [file, sha256]));
  const wanted = new Map(expected.map(({ file, sha256 }) => [file, sha256]));
  return {
    different: expected.flatMap(({ file, sha256 }) => {
      const other = made.get(file);
      return other === undefined || other === sha256 ? [] : [{ file, expected: sha256, found: other }];
    }),
    missing: expected.filter(({ file }) => !made.has(file)),
    extra: found.filter(({ file }) => !wanted.has(file)),
  };
}

/** @throws {OperationError} when a build is not what was expected, with each file and what may be the cause (exit 65) */
export function refuseDifferences(expected: ExpectedBuild, found: FoundBuild): void {
  const { different, missing, extra } = compareChecksums(expected.checksums, found.checksums);
  const count = different.length + missing.length + extra.length;
  if (count === 0) return;
  const counts = `${different.length} different, ${missing.length} missing, ${extra.length} extra`;
  const message = `Cannot publish dataset ${found.manifest.datasetVersion}: it is not what "${expected.file}" expects (${counts})`;
  const files: ErrorDetail[] = [
    ...different.map((file) => detail("different", `${file.file}: expected ${file.expected}, found ${file.found}`)),
    ...missing.map(({ file, sha256 }) => detail("missing", `${file}: expected ${sha256}, not made by this build`)),
    ...extra.map(({ file, sha256 }) => detail("extra", `${file}: found ${sha256}, not expected`)),
  ];
  const more = count > MAX_LISTED ? [detail("and", `${count - MAX_LISTED} more`)] : [];
  throw new OperationError("data", message, {
    details: [...files.slice(0, MAX_LISTED), ...more, ...explain(expected, found), detail("written", "nothing")],
  });
}

function explain({ manifest }: ExpectedBuild, found: FoundBuild): ErrorDetail[] {
  if ("reason" in manifest) return [detail("cause", `not known: ${manifest.reason}`)];
  const causes = findCauses(manifest, found.manifest, found.encoders);
  const advice = causes.find(({ remedy }) => remedy !== undefined)?.remedy;
  return [
    ...causes.map(({ label, text }) => detail(label, text)),
    detail("try", advice ?? "compare the two dataset manifests and the tiers"),
  ];
}

/** Names and versions of the expected side come from outside. */
function detail(label: string, text: string): ErrorDetail {
  return { label, text: printableLine(text, 400) };
}
