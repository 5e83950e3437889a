import { type Comparison, comparisonMetrics } from "@forgebench/artifacts";
import { PRIMARY_METRIC, readSeriesName, seriesName } from "@forgebench/series";
import { alertRows, comparisonRows } from "./comparison-rows.ts";
import { groupCells } from "./evidence-cells.ts";

/** The regressed cells, for a later step. */
export interface RegressedCells {
  /** `PROFILE/SCENARIO/PHASE/METRIC`, those that gate first, the worst first. */
  readonly ids: readonly string[];
  /** The first whose metric can grow gradually, so that the commit can be searched; undefined if there is none. */
  readonly searchable: string | undefined;
  /** The cells that are left out, since a value of `KEY=value` or an argument must not hold their ids. */
  readonly unnamedCount: number;
}

/** The ids of a suite have this form; a file with other ids was not written by this project. */
const PLAIN = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*){3}$/;
const MAX_ID_LENGTH = 200;

/** The cells for which the outcome is `regression`; none when it is another. */
export function regressedCells(comparison: Comparison): RegressedCells {
  const cells = comparison.outcome !== "regression" ? [] : alertedCells(comparison);
  const plain = cells.filter(({ id }) => PLAIN.test(id) && id.length <= MAX_ID_LENGTH);
  return {
    ids: [...new Set(plain.map(({ id }) => id))],
    searchable: plain.find(({ isSearchable }) => isSearchable)?.id,
    unnamedCount: cells.length - plain.length,
  };
}

function alertedCells(comparison: Comparison): { readonly id: string; readonly isSearchable: boolean }[] {
  if (comparison.policy === "evidence") {
    return groupCells(comparison).alerts.map(({ id, verdict, better, family }) => ({
      id,
      isSearchable: verdict === "regressed" && better === "lower" && family !== "exact",
    }));
  }
  return alertRows(comparisonRows(comparison)).map(({ cell }) => {
    const { cell: pair, metric } = readSeriesName(cell);
    const { phase } = Object.values(comparisonMetrics).find((own) => own.metric === metric) ?? comparisonMetrics.cold;
    return { id: seriesName(`${pair}/${phase}`, PRIMARY_METRIC), isSearchable: true };
  });
}
