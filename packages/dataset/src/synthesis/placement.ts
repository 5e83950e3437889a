import { InvariantError } from "@forgebench/errors";
import type { ImagePlan } from "./plan.ts";

/** Where a picture's pixels lie in the file: index = start + x · across + y · down. */
export interface Placement {
  readonly start: number;
  readonly across: number;
  readonly down: number;
}

/**
 * How an upright picture must be stored so that a viewer who applies the EXIF orientation sees it upright
 * (EXIF 2.32, 4.6.4 A): 2 mirrored, 3 turned by 180°, 4 upside down, 5 to 8 the same on its side.
 */
export function placementOf({ orientation, width, height }: ImagePlan): Placement {
  const right = width - 1;
  const bottom = (height - 1) * width;
  const placements: readonly Placement[] = [
    { start: 0, across: 1, down: width },
    { start: right, across: -1, down: width },
    { start: right + bottom, across: -1, down: -width },
    { start: bottom, across: 1, down: -width },
    { start: 0, across: width, down: 1 },
    { start: bottom, across: -width, down: 1 },
    { start: right + bottom, across: -width, down: -1 },
    { start: right, across: width, down: -1 },
  ];
  const placement = placements[orientation - 1];
  if (placement === undefined) throw new InvariantError(`orientation ${orientation} is not one of 1 to 8`);
  return placement;
}
