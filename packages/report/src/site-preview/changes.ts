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

/** The changes of a pair, figure by figure. */
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

function intervalOf({ intervals }: Delta, phase: Phase): Change["interval"] {
  const found = intervals?.[phase] ?? undefined;
  return found === undefined || (found.lowPct === null && found.highPct === null) ? undefined : found;
}

/** The result of the night's controls; snapshots may lack it. */
export function controlsOf({
  controls,
}: SiteSnapshot): { readonly status: string; readonly reason: string } | undefined {
  return controls === undefined ? undefined : { status: controls.status, reason: controls.reason ?? "" };
}
