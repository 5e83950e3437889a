import type { IncomingMessage } from "node:http";

const HIGH_BYTES = 1 << 20;

/**
 * The body of an answer, piece by piece. Unlike a stream, which drops what it holds when the connection is cut, it hands
 * out all that came before it tells of the cut: what has come need not come again.
 */
export class BodyQueue {
  readonly #response: IncomingMessage;
  #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** To be made at once when the answer's head is there. */
  constructor(response: IncomingMessage) {
    this.#response = response;
    response.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#heldBytes += chunk.byteLength;
      if (this.#heldBytes >= HIGH_BYTES) response.pause();
      this.#wake?.();
    });
    response.on("end", () => this.#finish({}));
    response.on("error", (error) => this.#finish({ error }));
    response.on("close", () => this.#finish({ error: Object.assign(new Error("closed"), { code: "ECONNRESET" }) }));
  }

  /** All pieces that have come since; nothing after the last one. @throws what ended the body too early, after the last piece. */
  async next(): Promise<readonly Uint8Array[] | undefined> {
    for (;;) {
      if (this.#chunks.length > 0) {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#heldBytes = 0;
        if (this.#end === undefined) this.#response.resume();
        return chunks;
      }
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wake?.();
  }
}
