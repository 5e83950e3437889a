import type { Measurement } from "@forgebench/artifacts";

/** The figures of a measurement, in the order in which they are shown. */
export type Figures = Measurement["figures"];

/** One figure of a measurement. */
export type Figure = Figures[number];

/** A figure without a goal. A name that begins with spaces belongs to the figure above it. */
export function figure(name: string, value: number, unit = ""): Figure {
  return { name, value, unit };
}

/** A figure beside what was asked of it. */
export function judged(name: string, value: number, unit: string, goal: string, met: boolean): Figure {
  return { name, value, unit, goal, met };
}

/** A figure that must be large enough; without a limit it is a plain one. */
export function atLeast(name: string, value: number, unit: string, least: number | undefined): Figure {
  return least === undefined ? figure(name, value, unit) : judged(name, value, unit, `≥ ${least}`, value >= least);
}

/** A figure that must be small enough; without a limit it is a plain one. */
export function atMost(name: string, value: number, unit: string, most: number | undefined): Figure {
  return most === undefined ? figure(name, value, unit) : judged(name, value, unit, `≤ ${most}`, value <= most);
}

/** A figure that must stay below a limit, and not reach it. */
export function below(name: string, value: number, unit: string, limit: number): Figure {
  return judged(name, value, unit, `< ${limit}`, value < limit);
}
