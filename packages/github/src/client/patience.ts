import { backoffMs, retry, waitText } from "@forgebench/io";
import type { GitHubAccess } from "./client.ts";
import { GitHubFailure } from "./failure.ts";

const MAX_ATTEMPTS = 5;
const MAX_LIMIT_WAITS = 5;
const MAX_LIMIT_WAIT_MS = 20 * 60_000;
const DEFAULT_RETRY_BASE_MS = 1000;

/** How often and how long one client waits; the waits for limits are counted over all its requests. */
export class Patience {
  readonly #access: Pick<GitHubAccess, "signal" | "onWait" | "retryBaseMs">;
  #limitWaits = 0;
  #limitWaitMs = 0;

  constructor(access: Pick<GitHubAccess, "signal" | "onWait" | "retryBaseMs">) {
    this.#access = access;
  }

  /**
   * The wait before the next attempt of a request, where there is to be one; says why.
   * @param failedAttempts how many attempts have failed so far, limits not counted
   * @throws {GitHubFailure} the failure itself, if waiting does not help, or the limit of waiting is reached.
   */
  #waitMsAfter(failure: GitHubFailure, failedAttempts: number): number {
    if (failure.facts.kind === "limit") return this.#waitMsOfLimit(failure);
    if (!failure.isUncertain || failure.facts.isFinal === true || failedAttempts >= MAX_ATTEMPTS) throw failure;
    const waitMs = backoffMs(this.#access.retryBaseMs ?? DEFAULT_RETRY_BASE_MS, failedAttempts);
    this.#access.onWait(
      `GitHub did not answer (${failure.facts.said}), attempt ${failedAttempts + 1} of ${MAX_ATTEMPTS} in ${waitText(waitMs)}`,
    );
    return waitMs;
  }

  #waitMsOfLimit(failure: GitHubFailure): number {
    const waitMs = failure.facts.waitMs ?? 0;
    const isTooMuch = this.#limitWaits >= MAX_LIMIT_WAITS || this.#limitWaitMs + waitMs > MAX_LIMIT_WAIT_MS;
    if (isTooMuch) throw failure;
    this.#limitWaits += 1;
    this.#limitWaitMs += waitMs;
    this.#access.onWait(`GitHub asks to wait ${waitText(waitMs)} (${failure.facts.said})`);
    return waitMs;
  }

  /**
   * Does `work` until it succeeds or the limit of waiting is reached; for work that may be done twice. Failures that `mayPass`
   * accepts are repeated like a lost answer, but without a message.
   */
  async repeat<T>(
    work: (attempt: number) => Promise<T>,
    mayPass: (failure: GitHubFailure) => boolean = () => false,
  ): Promise<T> {
    let failedAttempts = 0;
    return retry(this.#access.signal, work, (error) => {
      if (!(error instanceof GitHubFailure)) throw error;
      if (error.facts.kind !== "limit") failedAttempts += 1;
      if (!mayPass(error) || failedAttempts >= MAX_ATTEMPTS) return this.#waitMsAfter(error, failedAttempts);
      return backoffMs(this.#access.retryBaseMs ?? DEFAULT_RETRY_BASE_MS, failedAttempts);
    });
  }

  /**
   * Makes an object that must exist once. After a lost answer it is looked for first, and made again only if it is missing.
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
