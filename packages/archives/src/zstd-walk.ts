import { ArchiveProblem } from "./archive-problem.ts";

const MAGIC = 0xfd2fb528;
const MAX_BLOCK_BYTES = 128 << 10;
/** The limit that RFC 8878, section 3.1.1.1.2, recommends to every decoder. */
const MAX_WINDOW_BYTES = 8 << 20;
/** Of the blocks of a frame that is as large as allowed; those of a usual writer hold a hundred times more. */
const LEAST_MEAN_BLOCK_BYTES = 1 << 10;
const RAW = 0;
const RUN_LENGTH = 1;
const COMPRESSED = 2;

/** The sizes that a frame states for its unpacked content. */
export interface FrameBound {
  /** It unpacks to no more. */
  readonly boundBytes: number;
  /** The size in its header, which is within the limit of its blocks. */
  readonly contentBytes?: number;
}

/** The bytes that the walk needs next: to see them, or only to pass over them. */
export interface WalkStep {
  readonly bytes: number;
  readonly isSeen: boolean;
}

/** The limits of a frame, given by the caller, which knows the purpose of the archive. */
export interface WalkLimits {
  /** Of what one frame can unpack to. */
  readonly maxFrameBytes: number;
}

/**
 * Walks through one Zstandard frame by the headers of its frame and blocks (RFC 8878, section 3.1.1), so that its end and
 * the most it can unpack to are known before it is unpacked. Each step is answered with its bytes, if they are seen.
 * @throws {ArchiveProblem} whose message says what is wrong: another format, a dictionary, reserved bits, sizes beyond the limits.
 */
export function* walkFrame(limits: WalkLimits): Generator<WalkStep, FrameBound, Buffer> {
  const form = readDescriptor(yield see(5));
  const { windowBytes, contentBytes } = readSizes(yield see(form.fieldBytes), form);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new ArchiveProblem(`a frame needs a window of ${windowBytes} bytes; at most ${MAX_WINDOW_BYTES} are allowed`);
  }
  const maxBlockBytes = Math.min(windowBytes, MAX_BLOCK_BYTES);
  let boundBytes = 0;
  let leastBytes = 0;
  let blocksLeft = Math.ceil(limits.maxFrameBytes / LEAST_MEAN_BLOCK_BYTES);
  for (let isLast = false; !isLast; ) {
    const block = readBlock((yield see(3)).readUIntLE(0, 3), maxBlockBytes);
    boundBytes += block.boundBytes;
    leastBytes += block.leastBytes;
    blocksLeft -= 1;
    if (blocksLeft < 0) throw new ArchiveProblem("a frame has so many blocks that each can hold almost nothing");
    if (boundBytes > limits.maxFrameBytes) {
      throw new ArchiveProblem(`a frame could unpack to more than the ${limits.maxFrameBytes} bytes that are allowed`);
    }
    yield { bytes: block.packedBytes, isSeen: false };
    isLast = block.isLast;
  }
  if (contentBytes !== undefined && (contentBytes < leastBytes || contentBytes > boundBytes)) {
    throw new ArchiveProblem(`a frame claims to unpack to ${contentBytes} bytes, but its blocks cannot`);
  }
  yield { bytes: form.checksumBytes, isSeen: false };
  return { boundBytes, ...(contentBytes === undefined ? {} : { contentBytes }) };
}

function see(bytes: number): WalkStep {
  return { bytes, isSeen: true };
}

interface FrameForm {
  readonly isSingleSegment: boolean;
  readonly sizeBytes: number;
  /** Of the fields between the descriptor and the blocks. */
  readonly fieldBytes: number;
  readonly checksumBytes: number;
}

function readDescriptor(head: Buffer): FrameForm {
  const magic = head.readUInt32LE(0);
  if (magic >>> 4 === 0x184d2a5) throw new ArchiveProblem("it holds a skippable frame");
  if (magic !== MAGIC) throw new ArchiveProblem("there is something that is no Zstandard frame");
  const descriptor = head.readUInt8(4);
  if ((descriptor & 8) !== 0) throw new ArchiveProblem("a frame sets a reserved bit");
  if ((descriptor & 3) !== 0) throw new ArchiveProblem("a frame needs a dictionary");
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
  const fieldBytes = sizeBytes + Number(!isSingleSegment);
  return { isSingleSegment, sizeBytes, fieldBytes, checksumBytes: (descriptor & 4) === 0 ? 0 : 4 };
}

function readSizes(fields: Buffer, { isSingleSegment, sizeBytes }: FrameForm) {
  const contentBytes = readContentSize(fields.subarray(fields.length - sizeBytes));
  if (isSingleSegment) return { windowBytes: contentBytes ?? 0, contentBytes };
  const window = fields.readUInt8(0);
  const base = 2 ** (10 + (window >> 3));
  return { windowBytes: base + (base / 8) * (window & 7), contentBytes };
}

function readContentSize(field: Buffer): number | undefined {
  if (field.length === 0) return undefined;
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

function readBlock(header: number, maxBlockBytes: number) {
  const type = (header >> 1) & 3;
  const size = header >> 3;
  const isLast = (header & 1) === 1;
  if (type !== RAW && type !== RUN_LENGTH && type !== COMPRESSED)
    throw new ArchiveProblem("a block is of the reserved type");
  if (size > maxBlockBytes) throw new ArchiveProblem(`a block has ${size} bytes; at most ${maxBlockBytes} are allowed`);
  if (type === COMPRESSED) return { isLast, packedBytes: size, boundBytes: maxBlockBytes, leastBytes: 0 };
  return { isLast, packedBytes: type === RUN_LENGTH ? 1 : size, boundBytes: size, leastBytes: size };
}
