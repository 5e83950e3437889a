/** Where things lie in a chart of the trend, in pixels. */
export const PLOT = { leftPx: 66, rightPx: 434, topPx: 24, bottomPx: 150, laneY: 170, dateY: 192 } as const;

/** Where a night and a value lie, in pixels. */
export interface Places {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}
