import { Refusal } from "./answers.ts";
import type { Caller } from "./auth.ts";
import { primaryLimit } from "./faults.ts";

const HOUR_MS = 3_600_000;
const DEFAULT_LIMITS = { authenticated: 5000, anonymous: 60 };

interface HourLimits {
  readonly authenticated?: number;
  readonly anonymous?: number;
}

interface Quota {
  readonly limit: number;
  readonly used: number;
  readonly resetAtSeconds: number;
}

/** Counts the requests of each caller in an hour that begins with the first. */
export class Limits {
  readonly #limits: { readonly authenticated: number; readonly anonymous: number };
  readonly #used = new Map<string, { used: number; endsAtMs: number }>();

  constructor(limits: HourLimits = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  quota(caller: Caller, nowMs: number): Quota {
    const { used, endsAtMs } = this.#hour(caller, nowMs);
    const limit = caller === undefined ? this.#limits.anonymous : this.#limits.authenticated;
    return { limit, used, resetAtSeconds: Math.ceil(endsAtMs / 1000) };
  }

  /** @throws {Refusal} 403 when nothing is left. */
  count(caller: Caller, nowMs: number): void {
    const { limit, used, resetAtSeconds } = this.quota(caller, nowMs);
    if (used >= limit) {
      const who = caller === undefined ? "127.0.0.1" : `user ID ${caller.login}`;
      const { json, headers } = primaryLimit(resetAtSeconds, who);
      throw new Refusal(403, "", { json: json as object, headers: headers ?? {} });
    }
    this.#hour(caller, nowMs).used += 1;
  }

  #hour(caller: Caller, nowMs: number) {
    const key = caller?.login ?? "";
    const found = this.#used.get(key);
    if (found !== undefined && found.endsAtMs > nowMs) return found;
    const fresh = { used: 0, endsAtMs: nowMs + HOUR_MS };
    this.#used.set(key, fresh);
    return fresh;
  }
}

/**
 * The `x-ratelimit-*` headers that GitHub adds to every answer of the API (docs.github.com, Rate limits for the REST
 * API).
 */
export function quotaHeaders({ limit, used, resetAtSeconds }: Quota): Record<string, string> {
  return {
    "x-ratelimit-limit": `${limit}`,
    "x-ratelimit-remaining": `${Math.max(0, limit - used)}`,
    "x-ratelimit-used": `${used}`,
    "x-ratelimit-reset": `${resetAtSeconds}`,
    "x-ratelimit-resource": "core",
  };
}
