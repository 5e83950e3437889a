/** If a server asks to wait longer than this, the download fails at once. */
export const MAX_TOLD_WAIT_MS = 20 * 60_000;

/** Whether another attempt may get another status: overload, a deadline, a failing server. */
export function isWorthRepeating(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status <= 599);
}

/** The headers by which servers say how long to wait; names in lower case. */
type LimitHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** How long an answer asks to wait, by `Retry-After` or by GitHub's limit of an hour; undefined if it does not. */
export function toldWaitMs(headers: LimitHeaders, nowMs: number): number | undefined {
  const text = (name: string) => (headers[name] === undefined ? undefined : String(headers[name]));
  // Clocks differ: where the server tells its time, a moment is read against that.
  const serverNowMs = Date.parse(text("date") ?? "");
  const sinceMs = Number.isNaN(serverNowMs) ? nowMs : serverNowMs;
  const retryAfter = retryAfterMs(text("retry-after"), sinceMs);
  if (retryAfter !== undefined) return retryAfter;
  const resetSeconds = Number(text("x-ratelimit-reset"));
  if (text("x-ratelimit-remaining") !== "0" || !(resetSeconds > 0)) return undefined;
  return Math.max(0, resetSeconds * 1000 - sinceMs) + 1000;
}

/** What `Retry-After` asks for, from `nowMs` on: seconds or a date; nothing when it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const atMs = /^[A-Z][a-z]{2}[a-z]*,? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
