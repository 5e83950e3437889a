import { type ImageFormat, imageFormats } from "@forgebench/artifacts";
import type { ImagePlan } from "./plan.ts";

/** CPU time of the images of one format. */
interface FormatTimes {
  images: number;
  megapixels: number;
  renderMs: number;
  encodeMs: number;
}

/** Adds up what rendering and encoding cost, by format. */
export class Timings {
  readonly #times = new Map<ImageFormat, FormatTimes>();

  add(plan: ImagePlan, cpu: { readonly renderMs: number; readonly encodeMs: number }): void {
    const times = this.#times.get(plan.format) ?? { images: 0, megapixels: 0, renderMs: 0, encodeMs: 0 };
    times.images += 1;
    times.megapixels += (plan.width * plan.height * plan.frames) / 1e6;
    times.renderMs += cpu.renderMs;
    times.encodeMs += cpu.encodeMs;
    this.#times.set(plan.format, times);
  }

  /** The sum over the given formats. */
  of(formats: readonly ImageFormat[]): Readonly<FormatTimes> {
    const sum = { images: 0, megapixels: 0, renderMs: 0, encodeMs: 0 };
    for (const format of formats) {
      const times = this.#times.get(format);
      sum.images += times?.images ?? 0;
      sum.megapixels += times?.megapixels ?? 0;
      sum.renderMs += times?.renderMs ?? 0;
      sum.encodeMs += times?.encodeMs ?? 0;
    }
    return sum;
  }

  /** The table that `--timings` prints. `processCpuMs` is all CPU time of the process, start and writing included. */
  table(processCpuMs: number): string {
    const gif = this.of(["gif"]);
    const others = this.of(["jpg", "png", "tiff"]);
    const all = this.of(imageFormats);
    const rows = [
      ["format", "images", "MP", "render CPU ms", "encode CPU ms", "ratio"],
      ...imageFormats.map((format) => rowOf(format, this.of([format]))),
      rowOf("without gif", others),
      rowOf("all", all),
    ];
    const lines = rows.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(12) : cell.padStart(14))).join(""));
    const rest = processCpuMs - gif.renderMs - gif.encodeMs;
    lines.push(
      `whole process without gif: ${rest.toFixed(0)} ms, ${(rest / others.encodeMs).toFixed(2)} × encoding the same pixels`,
    );
    return `${lines.join("\n")}\n`;
  }
}

function rowOf(name: string, times: Readonly<FormatTimes>): string[] {
  const ratio = times.encodeMs === 0 ? "" : ((times.renderMs + times.encodeMs) / times.encodeMs).toFixed(2);
  return [
    name,
    String(times.images),
    times.megapixels.toFixed(1),
    times.renderMs.toFixed(0),
    times.encodeMs.toFixed(0),
    ratio,
  ];
}
