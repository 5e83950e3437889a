import { setTimeout as sleep } from "node:timers/promises";
import type { GitHubAccess } from "./client.ts";
import { GitHubFailure } from "./failure.ts";

const MAX_ATTEMPTS = 5;
const MAX_LIMIT_WAITS = 5;
const MAX_LIMIT_WAIT_MS = 20 * 60_000;
const DEFAULT_RETRY_BASE_MS = 1000;
const MAX_RETRY_WAIT_MS = 30_000;

/** How often and how long one client waits; the waits for limits are counted over all its requests. */
export class Patience {
  readonly #access: Pick<GitHubAccess, "signal" | "onWait" | "retryBaseMs">;
  #limitWaits = 0;
  #limitWaitMs = 0;

  constructor(access: Pick<GitHubAccess, "signal" | "onWait" | "retryBaseMs">) {
    this.#access = access;
  }

  /**
   * Waits before the next attempt of a request, where there is to be one, and says why.
   * @param failedAttempts how many attempts have failed so far, limits not counted
   * @throws {GitHubFailure} the failure itself, where waiting does not help or has been long enough.
   */
  async wait(failure: GitHubFailure, failedAttempts: number): Promise<void> {
    if (failure.facts.kind === "limit") return this.#waitForLimit(failure);
    if (!failure.isUncertain || failure.facts.isFinal === true || failedAttempts >= MAX_ATTEMPTS) throw failure;
    const baseMs = this.#access.retryBaseMs ?? DEFAULT_RETRY_BASE_MS;
    const longestMs = Math.min(MAX_RETRY_WAIT_MS, baseMs * 2 ** (failedAttempts - 1));
    // Clients that failed together must not come back together.
    const waitMs = Math.ceil(longestMs * (0.5 + Math.random() / 2));
    this.#access.onWait(
      `GitHub did not answer (${failure.facts.said}), attempt ${failedAttempts + 1} of ${MAX_ATTEMPTS} in ${seconds(waitMs)}`,
    );
    await sleep(waitMs, undefined, { signal: this.#access.signal });
  }

  async #waitForLimit(failure: GitHubFailure): Promise<void> {
    const waitMs = failure.facts.waitMs ?? 0;
    const isTooMuch = this.#limitWaits >= MAX_LIMIT_WAITS || this.#limitWaitMs + waitMs > MAX_LIMIT_WAIT_MS;
    if (isTooMuch) throw failure;
    this.#limitWaits += 1;
    this.#limitWaitMs += waitMs;
    this.#access.onWait(`GitHub asks to wait ${seconds(waitMs)} (${failure.facts.said})`);
    await sleep(waitMs, undefined, { signal: this.#access.signal });
  }

  /** Does `work` until it succeeds or waiting is at its end; for work that may be done twice. */
  async repeat<T>(work: () => Promise<T>): Promise<T> {
    for (let failedAttempts = 0; ; ) {
      try {
        return await work();
      } catch (error) {
        this.#access.signal.throwIfAborted();
        if (!(error instanceof GitHubFailure)) throw error;
        if (error.facts.kind !== "limit") failedAttempts += 1;
        await this.wait(error, failedAttempts);
      }
    }
  }

  /**
   * Makes something that must be there once. After a lost answer it is looked for first: only what is not there is made again.
   */
  async makeOnce<T>(make: () => Promise<T>, look: () => Promise<T | undefined>): Promise<T> {
    let isUncertain = false;
    return this.repeat(async () => {
      if (isUncertain) {
        const found = await look();
        if (found !== undefined) return found;
      }
      try {
        return await make();
      } catch (error) {
        isUncertain ||= error instanceof GitHubFailure && error.isUncertain;
        throw error;
      }
    });
  }
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(durationMs < 10_000 ? 1 : 0)} s`;
}
