import { FrameCutter } from "./frame-cutter.ts";

/**
 * The largest number of bytes that a Zstandard stream can unpack to, so that a bomb is recognised without setting it off.
 * Undefined for what is no whole stream of plain frames.
 */
export function unpackedBoundBytes(packed: Buffer): number | undefined {
  const cutter = new FrameCutter({ maxFrameBytes: Number.MAX_SAFE_INTEGER });
  try {
    const frames = cutter.push(packed);
    cutter.finish();
    return frames.reduce((sum, { boundBytes }) => sum + boundBytes, 0);
  } catch {
    return undefined;
  }
}
