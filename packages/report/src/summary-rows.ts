import type { Summary } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";

/** The summaries of a report, or beside a comparison, if they are given. */
export interface ReportedSummaries {
  readonly head?: Summary | undefined;
  readonly base?: Summary | undefined;
}

/** One pair of one arm. */
export interface SummaryRow {
  /** `PROFILE/SCENARIO`; text from outside. */
  readonly pair: string;
  readonly coldMs: number | null;
  readonly warmP50Ms: number | null;
  readonly warmP95Ms: number | null;
  readonly warmCount: number;
  readonly speedup: number | null;
  readonly passed: boolean;
}

/** Every pair of a summary, in its order. */
export function summaryRows(summary: Summary): SummaryRow[] {
  return Object.entries(summary.profileScenarioSummaries).flatMap(([profileId, scenarios]) =>
    Object.entries(scenarios).map(([scenario, { cold, warm, speedup, validation }]) => ({
      pair: pairName({ profileId, scenario }),
      coldMs: cold?.wallMs ?? null,
      warmP50Ms: warm?.wallMs.p50 ?? null,
      warmP95Ms: warm?.wallMs.p95 ?? null,
      warmCount: warm?.count ?? 0,
      speedup: speedup?.coldVsWarmWallMean ?? null,
      passed: validation.passed,
    })),
  );
}

/** Every failure in words, the side first; text from outside. */
export function failureLines({ head, base }: ReportedSummaries): string[] {
  const ofSide = (side: string, summary: Summary | undefined) =>
    (summary?.validation.failures ?? []).map((failure) => `${side}: ${failureText(failure)}`);
  return [...ofSide("head", head), ...ofSide("base", base)];
}

/** The message, with its pair in front unless it names it; a failure of another form is unchanged. */
function failureText(failure: Summary["validation"]["failures"][number]): string {
  if (typeof failure === "string") return failure;
  const { profileId, scenario, message } = failure;
  if (typeof message !== "string") return JSON.stringify(failure);
  if (typeof profileId !== "string" || typeof scenario !== "string") return message;
  const pair = pairName({ profileId, scenario });
  return message.startsWith(pair) ? message : `${pair}: ${message}`;
}
