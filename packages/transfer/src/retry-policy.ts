/** Longest wait between two attempts, whatever a server asks for. */
export const MAX_WAIT_MS = 60_000;

/** Whether a status may be another one when asked again: overload, a deadline, a failing server. */
export function isWorthRepeating(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status <= 599);
}

/**
 * The wait before attempt `attempt + 1`: at random between nothing and `baseMs` doubled with each attempt, so that many
 * that failed together do not come again together; but no shorter than the server asks for. At most {@link MAX_WAIT_MS}.
 */
export function waitBeforeNextMs(
  attempt: number,
  baseMs: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  const ceilingMs = Math.min(MAX_WAIT_MS, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.min(MAX_WAIT_MS, Math.max(Math.round(random() * ceilingMs), retryAfterMs ?? 0));
}

/** What `Retry-After` asks for, from `nowMs` on: seconds or a date; nothing when it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const atMs = /^[A-Z][a-z]{2}[a-z]*,? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
