/**
 * The code of the inner loop of shading, as WebAssembly with SIMD: three times as fast as the same loop in JavaScript, and
 * with the same result on every machine. It is assembled here by hand since it is one loop; `kernel.test.ts` compares it with
 * the loop written out. Opcodes: WebAssembly core specification 2.0, appendix "Index of Instructions".
 */

/** Parameters of the function `fillRow`, all i32: address of the first run, of the end of the last, and two of {@link Kernel.fillRow}. */
const PARAMETERS = ["run", "runsEnd", "toStep", "grainStrength"] as const;
/** Local variables: i32, and vectors of four i32, of which three are used: red, green and blue. */
const NUMBERS = ["to", "count", "tileRow", "column", "grainAt", "packed"] as const;
const VECTORS = ["level", "step", "rough", "mixed"] as const;
const LOCALS = [...PARAMETERS, ...NUMBERS, ...VECTORS] as const;

/** Bytes of a run: three vectors (level, step, rough), then to, count, tileRow, column, grainAt, and room for three more. */
export const RUN_BYTES = 80;

type Local = (typeof LOCALS)[number];
type Code = readonly number[];

const get = (name: Local): Code => [0x20, LOCALS.indexOf(name)];
const set = (name: Local): Code => [0x21, LOCALS.indexOf(name)];
const tee = (name: Local): Code => [0x22, LOCALS.indexOf(name)];
const constant = (value: number): Code => [0x41, ...signedLeb(value)];
const simd = (opcode: number, ...immediates: number[]): Code => [0xfd, ...unsignedLeb(opcode), ...immediates];

const I32_LESS_U: Code = [0x49];
const I32_ADD: Code = [0x6a];
const I32_SUB: Code = [0x6b];
const I32_MUL: Code = [0x6c];
const I32_AND: Code = [0x71];
const I32_SHR_U: Code = [0x76];
const LOAD_I8: Code = [0x2c, 0, 0];
const STORE_I16: Code = [0x3b, 0, 0];
const STORE_I8_AT_2: Code = [0x3a, 0, 2];
const SPLAT = simd(17);
const ADD = simd(174);
const MULTIPLY = simd(181);
const SHIFT_RIGHT = simd(172);
const NARROW_TO_I16 = simd(133);
const NARROW_TO_U8 = simd(102);
const FIRST_LANE = simd(27, 0);

const load = (name: Local, offset: number): Code => [...get("run"), 0x28, 0, offset, ...set(name)];
const loadVector = (name: Local, offset: number): Code => [...get("run"), ...simd(0, 0, offset), ...set(name)];
const increase = (name: Local, by: Code): Code => [...get(name), ...by, ...I32_ADD, ...set(name)];
const LOOP: Code = [0x03, 0x40];
const REPEAT_IF: Code = [0x0d, 0];
const END: Code = [0x0b];

/** One run after the other; `tileMask`: bits of the column that count, since a tile repeats. */
const body = (tileMask: number): Code => [
  ...LOOP,
  ...[...loadVector("level", 0), ...loadVector("step", 16), ...loadVector("rough", 32)],
  ...[...load("to", 48), ...load("count", 52), ...load("tileRow", 56), ...load("column", 60), ...load("grainAt", 64)],
  ...[...LOOP, ...pixel(tileMask), ...REPEAT_IF, ...END],
  ...increase("run", constant(RUN_BYTES)),
  ...[...get("run"), ...get("runsEnd"), ...I32_LESS_U, ...REPEAT_IF, ...END],
  ...END,
];

/** One pixel; leaves on the stack how many are left. */
const pixel = (tileMask: number): Code => [
  // mixed = (level + grain[grainAt] · grainStrength + tiles[tileRow + (column & tileMask)] · rough) >> 8
  ...get("level"),
  ...[...get("grainAt"), ...LOAD_I8, ...get("grainStrength"), ...I32_MUL, ...SPLAT, ...ADD],
  ...[...get("tileRow"), ...get("column"), ...constant(tileMask), ...I32_AND, ...I32_ADD, ...LOAD_I8, ...SPLAT],
  ...[...get("rough"), ...MULTIPLY, ...ADD],
  ...[...constant(8), ...SHIFT_RIGHT, ...tee("mixed")],
  // Narrowing limits each level to 0 … 255, as Uint8ClampedArray does.
  ...[
    ...get("mixed"),
    ...NARROW_TO_I16,
    ...tee("mixed"),
    ...get("mixed"),
    ...NARROW_TO_U8,
    ...FIRST_LANE,
    ...set("packed"),
  ],
  ...[...get("to"), ...get("packed"), ...STORE_I16],
  ...[...get("to"), ...get("packed"), ...constant(16), ...I32_SHR_U, ...STORE_I8_AT_2],
  ...[...get("level"), ...get("step"), ...ADD, ...set("level")],
  ...[...increase("column", constant(1)), ...increase("grainAt", constant(1)), ...increase("to", get("toStep"))],
  ...[...get("count"), ...constant(1), ...I32_SUB, ...tee("count")],
];

/** The module: imports the memory `env.memory`, exports the function `fillRow`. */
export function kernelModule(tileMask: number): Uint8Array {
  const i32 = 0x7f;
  const v128 = 0x7b;
  const locals = [2, NUMBERS.length, i32, VECTORS.length, v128];
  const code = [...locals, ...body(tileMask)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, PARAMETERS.length, ...PARAMETERS.map(() => i32), 0]),
    ...section(2, [1, ...text("env"), ...text("memory"), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("fillRow"), 0x00, 0]),
    ...section(10, [1, ...unsignedLeb(code.length), ...code]),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsignedLeb(content.length), ...content];
}

function text(name: string): Code {
  return [name.length, ...new TextEncoder().encode(name)];
}

function unsignedLeb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedLeb(value >>> 7)];
}

/** For values from 0: one more byte than needed never harms, a set sign bit would. */
function signedLeb(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signedLeb(value >>> 7)];
}
