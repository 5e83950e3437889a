import { ArtifactError } from "@forgebench/errors";

/** One line of a checksums file. */
export interface Checksum {
  readonly sha256: string;
  /** A bare file name in the same folder. */
  readonly file: string;
}

/** The text that `sha256sum -c` accepts, sorted by file name. */
export function formatChecksums(checksums: readonly Checksum[]): string {
  return checksums
    .toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
    .map(({ sha256, file }) => `${sha256}  ${file}\n`)
    .join("");
}

/** Reads a checksums file. @throws {ArtifactError} with the number of the wrong line. */
export function parseChecksums(text: string, path: string): Checksum[] {
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== "")
    .map(({ line, number }) => {
      const match = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line);
      const [, sha256, file] = match ?? [];
      if (sha256 === undefined || file === undefined || file === "." || file === "..") {
        const message = `expected "SHA256  FILE" with a bare file name, found ${JSON.stringify(line.slice(0, 120))}`;
        throw new ArtifactError({ path, kind: "checksums", issues: [{ path: `line ${number}`, message }] });
      }
      return { sha256, file };
    });
}
