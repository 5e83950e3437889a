import { setTimeout as sleep } from "node:timers/promises";

/** The functions of the machine that {@link QuietWait} uses; tests give their own. */
export interface QuietWorld {
  /** Programs of others that run or want to run at this moment; null where the system does not say. */
  readonly othersRunning: () => number | null;
  readonly nowMs: () => number;
  readonly delay: (durationMs: number) => Promise<void>;
}

/** The number and the distance of looks before a machine counts as busy: most programs run for a moment only. */
const LOOKS = { count: 4, apartMs: 6 };
/** While it is busy it is looked at again after this. */
const AGAIN_MS = 40;
/** One wait lasts at most this long, and all of them take at most this share of the time. */
const MAX_WAIT_MS = 10_000;
const MAX_SHARE = 1 / 3;
/** The wait that is allowed at the very beginning, and the largest share of a time budget. */
const FIRST_CREDIT_MS = 5000;
const FIRST_SHARE = 0.05;

/**
 * Waits before a block while others use all processors, for a bounded time: noise that comes and goes is then mostly left
 * out of the samples. It is looked at between blocks only, when nothing of the subject runs, and before the coin of the
 * block is looked at, so that it favours no arm. A load that does not end is not waited for: each useless wait halves the
 * limit of the next one.
 */
export class QuietWait {
  readonly #world: QuietWorld;
  readonly #busyAt: number;
  readonly #startMs: number;
  readonly #firstCreditMs: number;
  #waitedMs = 0;
  #patience = 1;

  /** @param timeBudgetMs of the whole measurement, undefined without one */
  constructor(cpuCount: number, world: QuietWorld, timeBudgetMs?: number) {
    this.#firstCreditMs = Math.min(FIRST_CREDIT_MS, FIRST_SHARE * (timeBudgetMs ?? Number.POSITIVE_INFINITY));
    this.#world = world;
    this.#busyAt = Math.max(1, cpuCount);
    this.#startMs = world.nowMs();
  }

  /** Resolves to how long it waited, 0 on a machine that is not busy. */
  async wait(): Promise<number> {
    const { nowMs, delay } = this.#world;
    const beganMs = nowMs();
    const allowedMs = this.#allowedMs(beganMs);
    let isBusy = this.#isBusyNow() && (await this.#staysBusy());
    while (isBusy && nowMs() - beganMs < allowedMs) {
      await delay(AGAIN_MS);
      isBusy = await this.#staysBusy();
    }
    const waitedMs = nowMs() - beganMs;
    if (!isBusy) this.#patience = 1;
    else if (allowedMs > 0) this.#patience /= 2;
    this.#waitedMs += waitedMs;
    return waitedMs;
  }

  #allowedMs(nowMs: number): number {
    const elapsedMs = nowMs - this.#startMs;
    const creditMs = this.#firstCreditMs + MAX_SHARE * elapsedMs - this.#waitedMs;
    return Math.max(0, Math.min(MAX_WAIT_MS * this.#patience, creditMs));
  }

  #isBusyNow(): boolean {
    return (this.#world.othersRunning() ?? 0) >= this.#busyAt;
  }

  async #staysBusy(): Promise<boolean> {
    for (let look = 1; look < LOOKS.count; look += 1) {
      await this.#world.delay(LOOKS.apartMs);
      if (!this.#isBusyNow()) return false;
    }
    return true;
  }
}

/** The machine that this program runs on. */
export function realQuietWorld(othersRunning: QuietWorld["othersRunning"]): QuietWorld {
  return { othersRunning, nowMs: () => performance.now(), delay: (durationMs) => sleep(durationMs) };
}
