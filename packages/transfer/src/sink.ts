import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Writable } from "node:stream";

/** The most bytes that are held until the disk takes them. */
const BUFFER_BYTES = 1 << 20;

/** Opens the place that the bytes of one attempt go to; it is empty then. */
export type OpenSink = () => Promise<Writable>;

/** A file that each attempt begins anew. */
export function fileSink(file: string): OpenSink {
  return async () => {
    const sink = createWriteStream(file, { flags: "w", highWaterMark: BUFFER_BYTES });
    await once(sink, "open");
    return sink;
  };
}

/** Keeps nothing. */
export const noSink: OpenSink = async () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Ends a sink whatever it is doing; afterwards nothing more is written to its file. */
export async function closeSink(sink: Writable): Promise<void> {
  // The writer has already been told of its failure.
  sink.on("error", () => undefined);
  if (sink.closed) return;
  await new Promise((resolve) => {
    sink.once("close", resolve);
    sink.destroy();
  });
}
