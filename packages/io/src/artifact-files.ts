import { type ArtifactKind, parseArtifact, serializeArtifact } from "@forgebench/artifacts";
import { decodeUtf8, readInputBytes, writeFileAtomic } from "./files.ts";
import { sha256Of } from "./hash.ts";

/** An artifact that was read, with the SHA-256 of the file's bytes. */
export interface ReadArtifact<T> {
  readonly path: string;
  readonly sha256: string;
  readonly value: T;
}

/** Reads and checks an artifact file. @throws {ArtifactError} naming file, kind, version and field. */
export async function readArtifact<T>(kind: ArtifactKind<T>, file: string): Promise<ReadArtifact<T>> {
  const bytes = await readInputBytes(file, kind.kind);
  return { path: file, sha256: sha256Of(bytes), value: parseArtifact(kind, decodeUtf8(bytes, file, kind.kind), file) };
}

/** Checks an artifact against its schema and writes it atomically; resolves to the SHA-256 of the file's bytes. */
export async function writeArtifact<T>(kind: ArtifactKind<T>, file: string, value: T): Promise<string> {
  const text = serializeArtifact(kind, value, file);
  await writeFileAtomic(file, text);
  return sha256Of(text);
}
