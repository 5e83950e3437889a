const MAGIC = 0xfd2fb528;
const MAX_BLOCK_BYTES = 128 << 10;
const RAW = 0;
const RUN_LENGTH = 1;
const COMPRESSED = 2;

/**
 * The largest number of bytes that a Zstandard stream can unpack to, from the headers of its frames and blocks (RFC 8878,
 * section 3.1.1), so that a bomb is recognised without setting it off. Undefined for what is no whole stream of plain
 * frames.
 */
export function unpackedBoundBytes(packed: Buffer): number | undefined {
  let bound = 0;
  let offset = 0;
  while (offset < packed.length) {
    const blocks = blocksStart(packed, offset);
    const frame = blocks === undefined ? undefined : walkBlocks(packed, blocks.offset, blocks.checksumBytes);
    if (frame === undefined) return undefined;
    bound += frame.boundBytes;
    offset = frame.end;
  }
  return offset === packed.length && offset > 0 ? bound : undefined;
}

function blocksStart(packed: Buffer, offset: number) {
  if (offset + 6 > packed.length || packed.readUInt32LE(offset) !== MAGIC) return undefined;
  const descriptor = packed.readUInt8(offset + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const usesDictionary = (descriptor & 3) !== 0;
  if (usesDictionary || (descriptor & 8) !== 0) return undefined;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
  const windowBytes = isSingleSegment ? 0 : 1;
  return { offset: offset + 5 + windowBytes + sizeBytes, checksumBytes: (descriptor & 4) === 0 ? 0 : 4 };
}

function walkBlocks(packed: Buffer, start: number, checksumBytes: number) {
  let boundBytes = 0;
  for (let offset = start; offset + 3 <= packed.length; ) {
    const header = packed.readUIntLE(offset, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type !== RAW && type !== RUN_LENGTH && type !== COMPRESSED) return undefined;
    boundBytes += type === COMPRESSED ? MAX_BLOCK_BYTES : size;
    offset += 3 + (type === RUN_LENGTH ? 1 : size);
    if ((header & 1) === 1) return { boundBytes, end: offset + checksumBytes };
  }
  return undefined;
}
