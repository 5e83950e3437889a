import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type EvidenceBundle,
  type EvidenceMember,
  evidenceBundle,
  evidenceMembers,
  parseArtifact,
  serializeArtifact,
} from "@forgebench/artifacts";
import { ArtifactError, messageOf, OperationError } from "@forgebench/errors";
import { inputError, sha256Of } from "@forgebench/io";
import { describeEvidence, type EvidenceFiles, type EvidenceIdentity } from "./describe-evidence.ts";

/** Of hostile archives, and thereby of our own; a night is about a hundredth of it. */
const MAX_PACKED_BYTES = 16 << 20;
const MAX_UNPACKED_BYTES = 256 << 20;
const LEVEL = 3;

const BUNDLE = evidenceBundle.fileName;

/** Loaded when an archive is made or read: most scripts that know the history do neither. */
async function loadArchives() {
  const [archives, zstd] = await Promise.all([import("@forgebench/archives"), import("@mongodb-js/zstd")]);
  return { ...archives, ...zstd };
}

/** A bundle as it is packed. */
interface PackedEvidence {
  readonly name: string;
  readonly bundle: EvidenceBundle;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A bundle that was read: every member is as `bundle.json` says, and they belong together. */
export interface ReadEvidence {
  readonly bundle: EvidenceBundle;
  readonly members: EvidenceFiles;
  /** Of the archive. */
  readonly sha256: string;
}

/** Packs the files of a run, after making sure that they belong together. @throws {ArtifactError} as {@link describeEvidence}. */
export async function packEvidence(
  sources: ReadonlyMap<EvidenceMember, string>,
  identity: EvidenceIdentity,
): Promise<PackedEvidence> {
  const files = new Map<EvidenceMember, Buffer>();
  for (const [member, file] of sources) files.set(member, await readInput(file, member, MAX_UNPACKED_BYTES));
  const bundle = describeEvidence(files, identity, (member) => sources.get(member) ?? member);
  const text = Buffer.from(serializeArtifact(evidenceBundle, bundle, BUNDLE));
  const members = evidenceMembers.map((member) => [member, files.get(member) ?? Buffer.alloc(0)] as const);
  const { compress, unpackedBoundBytes, writeTar } = await loadArchives();
  const tar = writeTar([[BUNDLE, text], ...members], Math.floor(Date.parse(bundle.generatedAt) / 1000));
  const bytes = await compress(tar, LEVEL);
  const name = `evidence-${bundle.runId}.${bundle.runAttempt}.tar.zst`;
  if ((unpackedBoundBytes(bytes) ?? Infinity) > MAX_UNPACKED_BYTES || bytes.length > MAX_PACKED_BYTES) {
    throw new OperationError(
      "data",
      `Cannot pack "${name}": ${tar.length} bytes, packed ${bytes.length}, are more than a reader accepts`,
    );
  }
  return { name, bundle, bytes, sha256: sha256Of(bytes) };
}

/**
 * Reads an evidence archive, which may be anybody's, within limits of size and form.
 * @throws {ArtifactError} naming the archive and what is wrong (exit 65).
 */
export async function readEvidenceBundle(file: string): Promise<ReadEvidence> {
  const packed = await readInput(file, evidenceBundle.kind, MAX_PACKED_BYTES);
  const contents = await unpack(packed, file);
  const text = contents.get(BUNDLE);
  if (text === undefined) throw wrong(file, "", `it holds no ${BUNDLE}`);
  const bundle = parseArtifact(evidenceBundle, text.toString("utf8"), `${file}: ${BUNDLE}`);
  const members = new Map<EvidenceMember, Buffer>();
  for (const member of evidenceMembers) members.set(member, checkedMember(contents.get(member), bundle, member, file));
  checkBundle(bundle, members, file);
  return { bundle, members, sha256: sha256Of(packed) };
}

async function unpack(packed: Buffer, file: string): Promise<Map<string, Buffer>> {
  const { decompress, readTar, unpackedBoundBytes } = await loadArchives();
  const boundBytes = unpackedBoundBytes(packed);
  if (boundBytes === undefined) throw wrong(file, "", "not a whole Zstandard file");
  if (boundBytes > MAX_UNPACKED_BYTES) {
    throw wrong(file, "", `it could unpack to ${boundBytes} bytes; at most ${MAX_UNPACKED_BYTES} are allowed`);
  }
  try {
    return readTar(await decompress(packed), [BUNDLE, ...evidenceMembers]);
  } catch (error) {
    throw wrong(file, "", messageOf(error));
  }
}

function checkedMember(
  found: Buffer | undefined,
  bundle: EvidenceBundle,
  member: EvidenceMember,
  file: string,
): Buffer {
  const [listed, ...more] = bundle.members.filter(({ path: name }) => name === member);
  if (listed === undefined || more.length > 0)
    throw wrong(file, BUNDLE, `it lists ${member} ${listed === undefined ? "not at all" : "twice"}`);
  if (found === undefined) throw wrong(file, member, "it is missing");
  const sha256 = sha256Of(found);
  if (found.length !== listed.sizeBytes || sha256 !== listed.sha256) {
    const expected = `expected ${listed.sizeBytes} bytes with sha256 ${listed.sha256}`;
    throw wrong(file, member, `found ${found.length} bytes with sha256 ${sha256}, ${expected}`);
  }
  return found;
}

/** The fields of `bundle.json` that repeat what the members say. */
const REPEATED = [
  ...(["generatedAt", "toolVersion", "orderSeed", "shards", "suite", "dataset"] as const),
  ...(["evidence", "machine", "subjects", "outcome"] as const),
];

/** The fields that `bundle.json` repeats must match the members; fields that this version does not know are ignored. */
function checkBundle(bundle: EvidenceBundle, members: EvidenceFiles, file: string): void {
  const expected = describeEvidence(members, bundle, (member) => `${file}: ${member}`);
  const field = REPEATED.find((name) => !isDeepStrictEqual(bundle[name], expected[name]));
  if (field === undefined) return;
  throw wrong(file, `${BUNDLE}: ${field}`, "it differs from the members of the bundle");
}

async function readInput(file: string, kind: string, maxBytes: number): Promise<Buffer> {
  try {
    const found = await stat(file);
    if (found.isFile() && found.size > maxBytes) {
      throw wrong(file, "", `it has ${found.size} bytes; at most ${maxBytes} are allowed`, kind);
    }
    // Reading a pipe or a device might never end.
    if (!found.isFile() && !found.isDirectory()) throw wrong(file, "", "it is no file", kind);
    return await readFile(file);
  } catch (error) {
    throw error instanceof ArtifactError ? error : inputError(file, kind, error);
  }
}

function wrong(file: string, where: string, message: string, kind: string = evidenceBundle.kind): ArtifactError {
  return new ArtifactError({ path: file, kind, issues: [{ path: where, message }] });
}

/** The files of a workspace and those that lie elsewhere, by the name that they have in a bundle. */
export function evidenceSources(workspace: string, files: { readonly compare: string; readonly suite: string }) {
  return new Map<EvidenceMember, string>(
    evidenceMembers.map((member) => {
      if (member === "compare.json") return [member, files.compare];
      return [member, member === "suite.yaml" ? files.suite : path.join(workspace, member)];
    }),
  );
}
