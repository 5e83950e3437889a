import { ArchiveProblem } from "./archive-problem.ts";
import { FrameCutter, type PackedFrame } from "./frame-cutter.ts";

/** Native code, loaded when it is needed. */
const zstd = () => import("@mongodb-js/zstd");

/**
 * Compresses pieces to one Zstandard frame each, in order, with `inFlight` at work in threads while the next piece is
 * read; a piece's buffer may be used again once `inFlight + 1` further ones were taken. The frames one after another are a
 * valid `.zst` stream. They hold no checksum: keep the SHA-256 of the whole.
 */
export async function* zstdFrames(
  pieces: AsyncIterable<Buffer>,
  { level, inFlight }: { readonly level: number; readonly inFlight: number },
): AsyncGenerator<Buffer> {
  const { compress } = await zstd();
  yield* inOrder(pieces, (piece) => compress(piece, level), inFlight);
}

interface UnpackLimits {
  /** What one frame may unpack to; a frame and what it unpacks to are in memory as a whole. */
  readonly maxFrameBytes: number;
  /** Frames at work in threads while earlier ones are consumed. */
  readonly inFlight: number;
}

/**
 * Unpacks a Zstandard stream that comes in pieces, frame by frame and in order. No frame is unpacked before its headers
 * are found in order and within the limits. A piece's buffer may be used again when the next one is asked for.
 * @throws {ArchiveProblem} whose message says what is wrong with the stream, for a sentence that names the archive.
 */
export async function* unzstdFrames(
  pieces: AsyncIterable<Buffer>,
  { maxFrameBytes, inFlight }: UnpackLimits,
): AsyncGenerator<Buffer> {
  yield* inOrder(cutFrames(pieces, maxFrameBytes, inFlight + 2), unpackFrame, inFlight);
}

async function* cutFrames(
  pieces: AsyncIterable<Buffer>,
  maxFrameBytes: number,
  bufferCount: number,
): AsyncGenerator<PackedFrame> {
  const cutter = new FrameCutter({ maxFrameBytes }, bufferCount);
  for await (const piece of pieces) yield* cutter.push(piece);
  cutter.finish();
}

async function unpackFrame({ bytes, boundBytes, contentBytes }: PackedFrame): Promise<Buffer> {
  const { decompress } = await zstd();
  let plain: Buffer;
  try {
    plain = await decompress(bytes);
  } catch (cause) {
    throw new ArchiveProblem("a frame is damaged", { cause });
  }
  if (plain.length <= boundBytes && plain.length === (contentBytes ?? plain.length)) return plain;
  throw new ArchiveProblem(
    `a frame unpacked to ${plain.length} bytes, not the ${contentBytes ?? boundBytes} it announced`,
  );
}

/** The results of `work` in the order of the items, with `inFlight` at work while the next item is fetched. */
async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  inFlight: number,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const started = work(item);
      // One that fails before its turn is reported in its turn.
      started.catch(() => undefined);
      pending.push(started);
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
