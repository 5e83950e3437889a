import { compress } from "@mongodb-js/zstd";

/**
 * Compresses pieces to one Zstandard frame each, in order, with `inFlight` at work in threads while the next piece is
 * read; a piece's buffer may be used again once `inFlight + 1` further ones were taken. The frames one after another are a valid `.zst` stream. They hold no checksum: keep the SHA-256 of the whole.
 */
export async function* zstdFrames(
  pieces: AsyncIterable<Buffer>,
  { level, inFlight }: { readonly level: number; readonly inFlight: number },
): AsyncGenerator<Buffer> {
  const pending: Promise<Buffer>[] = [];
  try {
    for await (const piece of pieces) {
      pending.push(compress(piece, level));
      if (pending.length <= inFlight) continue;
      const oldest = pending.shift();
      if (oldest !== undefined) yield await oldest;
    }
    for (let oldest = pending.shift(); oldest !== undefined; oldest = pending.shift()) yield await oldest;
  } finally {
    // Their buffers are in use until they end, also when the consumer has given up.
    await Promise.allSettled(pending);
  }
}
