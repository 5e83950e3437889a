import { setTimeout as sleep } from "node:timers/promises";

/** Longest wait between two attempts that nobody asks for. */
const MAX_WAIT_MS = 60_000;

/** Returned by work that failed and must be repeated after a wait. */
export class Again {
  readonly waitMs: number;

  constructor(waitMs: number) {
    this.waitMs = waitMs;
  }
}

/**
 * Does `work` until it gives something else than {@link Again}; attempts count from 1.
 * @throws what `work` throws; the signal's reason, when that ends a wait.
 */
export async function repeat<T>(signal: AbortSignal, work: (attempt: number) => Promise<T | Again>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await work(attempt);
    if (!(result instanceof Again)) return result;
    await sleep(result.waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * Does `work` until it succeeds. After a failure, `waitMsAfter` gives the wait before the next attempt, or throws where
 * there is to be none.
 */
export function retry<T>(
  signal: AbortSignal,
  work: (attempt: number) => Promise<T>,
  waitMsAfter: (error: unknown, attempt: number) => number | Promise<number>,
): Promise<T> {
  return repeat<T>(signal, async (attempt) => {
    try {
      return await work(attempt);
    } catch (error) {
      signal.throwIfAborted();
      return new Again(await waitMsAfter(error, attempt));
    }
  });
}

/**
 * The wait after so many failed attempts: random between half and all of `baseMs`, which is doubled with each of them,
 * because clients that failed together must not repeat together.
 */
export function backoffMs(baseMs: number, failedAttempts: number): number {
  const longestMs = Math.min(MAX_WAIT_MS, baseMs * 2 ** (failedAttempts - 1));
  return Math.ceil(longestMs * (0.5 + Math.random() / 2));
}

/** A wait as messages show it. */
export function waitText(waitMs: number): string {
  return `${(waitMs / 1000).toFixed(waitMs < 10_000 ? 1 : 0)} s`;
}
