import type { SiteSnapshot } from "@forgebench/artifacts";

type Delta = SiteSnapshot["deltas"][number];
type Phase = "warm" | "cold";

/** A change against base, as the snapshot has it. */
export interface Change {
  readonly label: string;
  readonly changePct: number | null;
  readonly interval?: { readonly lowPct: number | null; readonly highPct: number | null };
  readonly verdict?: string;
  readonly isAlert: boolean;
}

/** The changes of a pair in the order cold, warm median, warm p95; undefined where the pair was not compared. */
export function changesOf({ deltas }: SiteSnapshot, profileId: string, scenario: string): PairChanges | undefined {
  const delta = deltas.find((found) => found.profileId === profileId && found.scenario === scenario);
  if (delta === undefined) return undefined;
  const { coldPct, warmP50Pct, warmP95Pct, alerts } = delta;
  return {
    cold: { label: "Cold", changePct: coldPct, isAlert: alerts.includes("cold"), ...judged(delta, "cold") },
    warmP50: {
      label: "Warm median",
      changePct: warmP50Pct,
      isAlert: alerts.includes("warm-p50"),
      ...judged(delta, "warm"),
    },
    warmP95: { label: "Warm p95", changePct: warmP95Pct, isAlert: alerts.includes("warm-p95") },
  };
}

export interface PairChanges {
  readonly cold: Change;
  readonly warmP50: Change;
  readonly warmP95: Change;
}

function judged(delta: Delta, phase: Phase): Pick<Change, "interval" | "verdict"> {
  const interval = intervalOf(delta, phase);
  const verdict = delta.verdicts?.[phase];
  return {
    ...(interval === undefined ? {} : { interval }),
    ...(verdict === undefined || verdict === null ? {} : { verdict }),
  };
}

/** `intervals: { cold: { lowPct, highPct }, warm: … }` is an added field that snapshots need not have. */
function intervalOf(delta: Delta, phase: Phase): Change["interval"] {
  const found = fieldOf(delta.intervals, phase);
  if (fieldOf(found, "lowPct") === undefined && fieldOf(found, "highPct") === undefined) return undefined;
  return { lowPct: numberOrNull(fieldOf(found, "lowPct")), highPct: numberOrNull(fieldOf(found, "highPct")) };
}

/** What the night's controls said: an added field that snapshots need not have. */
export function controlsOf(snapshot: SiteSnapshot): { readonly status: string; readonly reason: string } | undefined {
  const [status, reason] = ["status", "reason"].map((key) => fieldOf(snapshot.controls, key));
  if (typeof status !== "string") return undefined;
  return { status, reason: typeof reason === "string" ? reason : "" };
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
