import { createHash, type Hash } from "node:crypto";

/** What has come of a file so far, whether it is kept or not. */
export interface Part {
  readonly sizeBytes: number;
  /** What stands for the version of the file that it is a part of. */
  readonly validator: string | undefined;
  /** Whether a later attempt can go on where it ends. */
  readonly isResumable: boolean;
  sha256(): string;
  restart(validator: string | undefined): Promise<void>;
  append(chunks: readonly Uint8Array[]): Promise<void>;
}

/** A part of which only the hash is kept. */
export class HashedPart implements Part {
  readonly #isPinned: boolean;
  #hash: Hash = createHash("sha256");
  #sizeBytes = 0;
  #validator: string | undefined;

  /** `isPinned`: the expected hash is known, which decides in the end. */
  constructor(isPinned: boolean) {
    this.#isPinned = isPinned;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get validator(): string | undefined {
    return this.#validator;
  }

  get isResumable(): boolean {
    return this.#isPinned || this.#validator !== undefined;
  }

  sha256(): string {
    return this.#hash.copy().digest("hex");
  }

  async restart(validator: string | undefined): Promise<void> {
    this.#hash = createHash("sha256");
    this.#sizeBytes = 0;
    this.#validator = validator;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#sizeBytes += chunk.byteLength;
    }
  }
}
