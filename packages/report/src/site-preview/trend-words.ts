import { svgText } from "../svg-text.ts";
import { type MarkKind, markOf } from "./trend-marks.ts";
import { PLOT, type Places } from "./trend-places.ts";
import type { Trend, TrendPoint } from "./trend-plot.ts";

/** Of a small screen, where the text is drawn larger. */
export const CHAR_PX = 8.4;
const WORD_HEIGHT_PX = 11;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface WordBox extends Box {
  readonly anchor: string;
  readonly textX: number;
}

/** The word beside each mark that is not an ordinary night, where there is room; the legend has all of them. */
export function drawWords({ points, segments }: Trend, places: Places): string[] {
  const taken: Box[] = [
    ...points.map((point) => around(spotOf(point, places), 5)),
    ...segments.flatMap((s) => alongLine(s, places)),
  ];
  return points.flatMap((point) => {
    const kind = markOf(point);
    if (kind === "shown") return [];
    const word = wordOf(kind, point);
    const box = freeBox(spotOf(point, places), word.length * CHAR_PX, kind === "other", taken);
    if (box === undefined) return [];
    taken.push(box);
    return [svgText(box.textX, box.bottom - 2, word, `class="axis halo" text-anchor="${box.anchor}"`)];
  });
}

function wordOf(kind: MarkKind, { night }: TrendPoint): string {
  return kind === "other" ? shortText(night.snapshot.source.tier, 14) : kind;
}

/** A text cut to so many characters, with a mark where it was cut. */
export function shortText(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

function spotOf({ index, value }: TrendPoint, { x, y }: Places): readonly [number, number] {
  return [x(index), value === null ? PLOT.laneY : y(value)];
}

function around([x, y]: readonly [number, number], sizePx: number): Box {
  return { left: x - sizePx, right: x + sizePx, top: y - sizePx, bottom: y + sizePx };
}

/** Small boxes along a line, so that no word lies on it. */
function alongLine(segment: readonly TrendPoint[], places: Places): Box[] {
  return segment.slice(1).flatMap((point, position) => {
    const [[fromX, fromY], [toX, toY]] = [spotOf(segment[position] ?? point, places), spotOf(point, places)];
    return [0.2, 0.4, 0.6, 0.8].map((share) =>
      around([fromX + share * (toX - fromX), fromY + share * (toY - fromY)], 2),
    );
  });
}

/** Beside, above or below a mark; undefined where everything is taken. */
function freeBox(
  [x, y]: readonly [number, number],
  widthPx: number,
  isLane: boolean,
  taken: readonly Box[],
): WordBox | undefined {
  const sides = [
    { left: x + 8, anchor: "start", textX: x + 8 },
    { left: x - 8 - widthPx, anchor: "end", textX: x - 8 },
    { left: x - widthPx / 2, anchor: "middle", textX: x },
  ] as const;
  const middles = isLane ? [y] : [y, y - 12, y + 12, y - 20, y + 20];
  const half = WORD_HEIGHT_PX / 2;
  const boxes = middles.flatMap((middle) =>
    sides.map((side) => ({ ...side, right: side.left + widthPx, top: middle - half, bottom: middle + half })),
  );
  return boxes.find((box) => isInside(box, isLane) && taken.every((other) => !overlap(box, other)));
}

function isInside({ left, right, top, bottom }: Box, isLane: boolean): boolean {
  if (left < (isLane ? 4 : PLOT.leftPx) || right > PLOT.rightPx + 4) return false;
  return isLane || (top >= PLOT.topPx - 6 && bottom <= PLOT.bottomPx);
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
