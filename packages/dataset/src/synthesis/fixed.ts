/** Levels are whole numbers with 8 bits behind the point while a picture is shaded. */
export function toFixed(value: number): number {
  return Math.round(value * 256);
}
