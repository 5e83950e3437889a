import { createHash, type Hash } from "node:crypto";
import { type ArchiveEntry, ArchiveProblem, type TarSink } from "@forgebench/archives";
import { tierManifest } from "@forgebench/artifacts";
import { ATTRIBUTION_NAME } from "../tiers/attribution-text.ts";
import { IMAGE_ROOT } from "../tiers/tier-documents.ts";
import type { ExpectedTier, FileFacts } from "./compare-tier.ts";
import { foldName, nameProblem } from "./tier-names.ts";

/** The tier's folder, that of its images, and its documents. */
const OTHER_ENTRIES = 4;
const MAX_FILE_BYTES = 2 * 2 ** 30;
const MAX_IMAGES = 999_999;

/** Where the entries of a tier go. Paths are relative to the tier's folder, which is the empty one. */
export interface TierStore {
  makeFolder(path: string): void;
  open(path: string): void;
  /** Keeps nothing of `bytes` after it returned. */
  write(bytes: Buffer): void;
  close(): void;
}

/**
 * Judges the entries of a tier archive as they come, hashes the images, and hands to a store what may be written. What
 * it has to know of the manifest comes last, and is checked by `compareTier`.
 * @throws {ArchiveProblem} naming the entry.
 */
export class TierIntake implements TarSink {
  /** The images by their names. */
  readonly files = new Map<string, FileFacts>();
  /** Of ATTRIBUTION.md, when there was one. */
  attributionSha256: string | undefined;
  readonly #expected: Partial<ExpectedTier>;
  readonly #store: TierStore;
  readonly #maxBytes: number;
  readonly #folded = new Set<string>();
  readonly #manifest: Buffer[] = [];
  #tierId: string | undefined;
  #lastPath = "";
  #entryCount = 0;
  #totalBytes = 0;
  #kind: "folder" | "image" | "document" | "manifest" = "folder";
  #name = "";
  #sizeBytes = 0;
  #hash: Hash | undefined;
  #hasImageFolder = false;

  constructor(expected: Partial<ExpectedTier>, store: TierStore, maxBytes: number) {
    this.#expected = expected;
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#tierId = expected.tierId;
  }

  /** What all entries hold together. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** The bytes of the tier manifest. @throws {ArchiveProblem} when there was none. */
  manifestBytes(): Buffer {
    if (this.#kind === "manifest") return Buffer.concat(this.#manifest);
    throw new ArchiveProblem(`it holds no "${this.#tierId ?? "tierN"}/${tierManifest.fileName}"`);
  }

  begin({ path, sizeBytes }: ArchiveEntry): void {
    this.#refuseTooMuch(path, sizeBytes);
    const local = this.#localPath(path);
    this.#refuseOrder(path);
    this.#sizeBytes = sizeBytes;
    if (local === "" || local === `${IMAGE_ROOT}/`) {
      this.#kind = "folder";
      this.#hasImageFolder = local !== "";
      this.#store.makeFolder(local.replace("/", ""));
      return;
    }
    this.#name = local;
    if (local === tierManifest.fileName || local === ATTRIBUTION_NAME) this.#beginDocument(path, local);
    else this.#beginImage(path, local);
    this.#store.open(local);
  }

  content(bytes: Buffer): void {
    this.#hash?.update(bytes);
    if (this.#kind === "manifest") this.#manifest.push(Buffer.from(bytes));
    this.#store.write(bytes);
  }

  end(): void {
    if (this.#kind === "folder") return;
    this.#store.close();
    if (this.#hash === undefined) return;
    const sha256 = this.#hash.digest("hex");
    if (this.#kind === "document") this.attributionSha256 = sha256;
    else this.files.set(this.#name, { sha256, sizeBytes: this.#sizeBytes });
    this.#hash = undefined;
  }

  #refuseTooMuch(path: string, sizeBytes: number): void {
    this.#entryCount += 1;
    const images = this.#expected.imageCount ?? MAX_IMAGES;
    if (this.#entryCount > images + OTHER_ENTRIES) {
      throw new ArchiveProblem(
        `it holds more than the ${images + OTHER_ENTRIES} entries of ${images} images: ${quoted(path)}`,
      );
    }
    this.#totalBytes += sizeBytes;
    if (sizeBytes > MAX_FILE_BYTES)
      throw new ArchiveProblem(`${quoted(path)} has ${sizeBytes} bytes; ${atMost(MAX_FILE_BYTES)}`);
    if (this.#totalBytes > this.#maxBytes) {
      throw new ArchiveProblem(
        `with ${quoted(path)} it unpacks to ${this.#totalBytes} bytes; ${atMost(this.#maxBytes)}`,
      );
    }
  }

  #refuseOrder(path: string): void {
    if (path === this.#lastPath) throw new ArchiveProblem(`it holds ${quoted(path)} twice`);
    if (path < this.#lastPath)
      throw new ArchiveProblem(`${quoted(path)} stands after ${quoted(this.#lastPath)}; entries are sorted`);
    this.#lastPath = path;
  }

  /** The path below the tier's folder, which has to be the first entry. */
  #localPath(path: string): string {
    if (this.#entryCount === 1) {
      this.#tierId ??= /^(tier\d+)\/$/.exec(path)?.[1];
      if (path === `${this.#tierId}/`) return "";
      throw new ArchiveProblem(`it begins with ${quoted(path)}, not with the folder "${this.#tierId ?? "tierN"}/"`);
    }
    if (path.startsWith(`${this.#tierId}/`)) return path.slice(`${this.#tierId}/`.length);
    throw foreign(path);
  }

  #beginDocument(path: string, local: string): void {
    const maxBytes = 2 ** 20 + 4096 * (this.#expected.imageCount ?? MAX_IMAGES);
    if (this.#sizeBytes > maxBytes)
      throw new ArchiveProblem(`${quoted(path)} has ${this.#sizeBytes} bytes; ${atMost(maxBytes)}`);
    this.#kind = local === ATTRIBUTION_NAME ? "document" : "manifest";
    if (this.#kind === "document") this.#hash = createHash("sha256");
  }

  #beginImage(path: string, local: string): void {
    const name = local.startsWith(`${IMAGE_ROOT}/`) ? local.slice(`${IMAGE_ROOT}/`.length) : undefined;
    if (name === undefined) throw foreign(path);
    const problem = nameProblem(name);
    if (problem !== undefined) throw new ArchiveProblem(`the name of ${quoted(path)} ${problem}`);
    const folded = foldName(name);
    if (this.#folded.has(folded)) throw new ArchiveProblem(`${quoted(path)} is there twice, but for case`);
    if (!this.#hasImageFolder) throw new ArchiveProblem(`${quoted(path)} comes without its folder`);
    this.#folded.add(folded);
    this.#kind = "image";
    this.#name = name;
    this.#hash = createHash("sha256");
  }
}

function foreign(path: string): ArchiveProblem {
  return new ArchiveProblem(`it holds ${quoted(path)}, which does not belong here`);
}

function atMost(bytes: number): string {
  return `at most ${bytes} are allowed`;
}

function quoted(path: string): string {
  return JSON.stringify(path);
}
