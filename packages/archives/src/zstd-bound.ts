import { FrameCutter } from "./frame-cutter.ts";

/**
 * The largest number of bytes that a Zstandard stream can unpack to, so that a bomb is recognised without setting it off.
 * Undefined for what is no whole stream of plain frames.
 */
export function unpackedBoundBytes(packed: Buffer): number | undefined {
  const cutter = new FrameCutter({ maxFrameBytes: Number.MAX_SAFE_INTEGER }, 1);
  try {
    let sum = 0;
    for (const { boundBytes } of cutter.push(packed)) sum += boundBytes;
    cutter.finish();
    return sum;
  } catch {
    return undefined;
  }
}
