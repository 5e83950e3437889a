import type { Measurement } from "@forgebench/artifacts";
import { formatPercent, NO_FIGURE } from "./format-figures.ts";
import { markdownMarkup as markup } from "./markup.ts";
import type { PowerRecording } from "./power-recording.ts";
import { tableHead, tableLine } from "./render-markdown.ts";

/** A figure of a measurement, with its goal. */
export type Figure = Measurement["figures"][number];

/** The goal of a figure, and whether it was reached. */
export class Goals {
  readonly #figures: ReadonlyMap<string, Figure>;

  constructor(figures: readonly Figure[]) {
    this.#figures = new Map(figures.map((figure) => [figure.name, figure]));
  }

  /** Undefined if there is no goal. */
  textOf(name: string): string | undefined {
    const { goal, unit } = this.#figures.get(name) ?? {};
    if (goal === undefined) return undefined;
    return markup.prose(unit === "%" ? `${goal} %` : goal);
  }

  /** A sign behind a value that missed its goal. */
  signOf(...names: readonly string[]): string {
    return names.some((name) => this.#figures.get(name)?.met === false) ? " ✗" : "";
  }
}

/** A share from 0 to 1 in per cent. */
export const share = (value: number) => formatPercent(100 * value);
/** How a planted slowdown is named in the figures of a measurement. */
export const planted = (slowdownPct: number) => (slowdownPct === 0 ? "nothing changed" : `+${slowdownPct} %`);

/** A Markdown table; all columns but the first are of figures. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [...tableHead(headers.map((header, index) => ({ header, isLeft: index === 0 }))), ...rows.map(tableLine)];
}

/** The goals of one figure over all recordings, each once. */
export function goalOf(recordings: readonly PowerRecording[], figure: string, asked: Goals): string {
  const goals = recordings.flatMap(({ recording }) => asked.textOf(`${recording.name}: ${figure}`) ?? []);
  return goals.length === 0 ? NO_FIGURE : [...new Set(goals)].join(" or ");
}

/** The column of a recording. */
export const nameOf = ({ recording }: PowerRecording) => markup.name(recording.name);
