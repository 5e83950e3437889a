import type { FetchReport, Source } from "@forgebench/artifacts";
import { type FetchResult, isBrought } from "./fetch-results.ts";

/** A line of an earlier run's report that brought a file. */
export interface EarlierFile {
  readonly id: string;
  readonly url: unknown;
  readonly filename: string;
  readonly sha256: string;
}

/** The files that an earlier run brought. Whoever changed its report does not get files elsewhere removed by it. */
export function earlierFiles({ results }: FetchReport): EarlierFile[] {
  return results.flatMap(({ id, url, filename, checksum: { actual }, failureCategory }) => {
    const isBare = filename != null && /^[^./\\\0][^/\\\0]*$/.test(filename);
    return isBare && actual !== null && failureCategory == null ? [{ id, url, filename, sha256: actual }] : [];
  });
}

/** What a file that is there must hash to: what the register says or, where it is silent, what came of the same url. */
export function knownSha256(source: Source, earlier: readonly EarlierFile[]): string | undefined {
  const known = earlier.find(
    ({ id, url, filename }) => id === source.id && url === source.url && filename === source.filename,
  );
  return source.sha256 ?? known?.sha256;
}

/** A file that this run does not stand for. */
export interface Removal {
  readonly filename: string;
  readonly why: string;
  /** It is removed only while it has this hash: somebody may have put another one there. Undefined: in any case. */
  readonly ifSha256?: { readonly sha256: string; readonly otherwise: string };
}

/** Which files go, those of an earlier run and those whose bytes the register denies. */
export function planRemovals(earlier: readonly EarlierFile[], results: readonly FetchResult[]): Removal[] {
  const brought = new Set(results.filter(isBrought).map(({ filename }) => filename));
  const denied = results.flatMap(({ status, filename, failureCategory, checksum: { expected } }) => {
    const isDenied = status === "failed" && failureCategory !== "schema-invalid" && expected != null;
    return isDenied && filename !== null ? [{ filename, why: "its bytes are not those of the register" }] : [];
  });
  const stale = earlier.flatMap(({ filename, sha256, id }) =>
    brought.has(filename)
      ? []
      : [
          {
            filename,
            why: `it was fetched as "${id}" earlier`,
            ifSha256: {
              sha256,
              otherwise: `it bears the name of source "${id}" of an earlier run, but has other bytes`,
            },
          },
        ],
  );
  return [...denied, ...stale];
}
