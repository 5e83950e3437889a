import type { VerdictKind } from "@forgebench/artifacts";
import type { Planting } from "./plant-into.ts";

/** A change of known size, and what the chain may say of it. */
export interface Drill {
  readonly id: string;
  readonly planting: Planting;
  readonly cell: string;
  /** The metric that is judged; absent: none may change. */
  readonly metric?: string;
  /** What may come out without failing the drill. */
  readonly allowed: readonly VerdictKind[];
  /** What comes out when the change is found. */
  readonly wanted: VerdictKind;
  /** Whether the interval must contain what was planted: where any verdict may come out. */
  readonly isTruthAsked?: boolean;
}

const WARM = "P1/single-small/warm";

/** All drills, in the order in which they are run. */
export const DRILLS: readonly Drill[] = [
  { id: "none", planting: { kind: "nothing" }, cell: WARM, allowed: ["same", "undecided"], wanted: "same" },
  {
    id: "slower-3",
    planting: { kind: "warm-work", pct: 3 },
    cell: WARM,
    metric: "wall",
    isTruthAsked: true,
    allowed: ["same", "undecided", "regressed"],
    wanted: "regressed",
  },
  {
    id: "slower-5",
    planting: { kind: "warm-work", pct: 5 },
    cell: WARM,
    metric: "wall",
    allowed: ["regressed", "undecided"],
    wanted: "regressed",
  },
  {
    id: "slower-10",
    planting: { kind: "warm-work", pct: 10 },
    cell: WARM,
    metric: "wall",
    allowed: ["regressed"],
    wanted: "regressed",
  },
  {
    id: "duration",
    planting: { kind: "reported-work", pct: 10 },
    cell: WARM,
    metric: "reported_duration",
    allowed: ["regressed"],
    wanted: "regressed",
  },
  {
    id: "memory",
    planting: { kind: "memory", sizeBytes: 20_000_000 },
    cell: WARM,
    metric: "peak_memory",
    allowed: ["regressed"],
    wanted: "regressed",
  },
  {
    id: "output",
    planting: { kind: "output", pct: 1 },
    cell: WARM,
    metric: "output_bytes",
    allowed: ["changed"],
    wanted: "changed",
  },
];
