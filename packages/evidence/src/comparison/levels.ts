import type { CellWarning } from "@forgebench/artifacts";
import type { JudgedCell } from "@forgebench/verdict";

/** Levels that differ by less than this from the estimate say the same, whatever the sign. */
const NEGLIGIBLE_PCT = 1;

/**
 * A cell with a note where the medians of its arms seem to say another change than its blocks: of another sign, or
 * outside the interval. The change is the median of the blocks' changes, everywhere; the medians are levels.
 */
export function withLevelNote(cell: JudgedCell): JudgedCell {
  const { warnings } = cell;
  const note = levelNote(cell);
  return note === undefined ? cell : { ...cell, warnings: [...warnings, note] };
}

function levelNote({ base, head, changePct, interval, kind, way }: JudgedCell): CellWarning | undefined {
  if (way !== "paired" || kind === "proportion" || changePct === null) return undefined;
  if (base.median === null || head.median === null || base.median === 0) return undefined;
  const levelsPct = 100 * (head.median / base.median - 1);
  const { lowPct = null, highPct = null } = interval ?? {};
  const isOutside = levelsPct < (lowPct ?? -Infinity) || levelsPct > (highPct ?? Infinity);
  const isOpposite = Math.sign(levelsPct) === -Math.sign(changePct);
  if (!(isOutside || isOpposite) || Math.abs(levelsPct - changePct) < NEGLIGIBLE_PCT) return undefined;
  return {
    code: "levels-disagree",
    message: `the medians of the arms differ by ${signed(levelsPct)} %, the blocks by ${signed(changePct)} %: the machine changed its speed between blocks; the change is measured inside each block`,
    remedy: "use the change; the medians only show how long the runs took",
  };
}

function signed(valuePct: number): string {
  const shown = Math.abs(valuePct).toFixed(1);
  return shown === "0.0" ? shown : `${valuePct < 0 ? "−" : "+"}${shown}`;
}
