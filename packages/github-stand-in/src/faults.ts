import { Transform } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, Refusal } from "./answers.ts";
import type { Fault } from "./stand-in.ts";

/** The faults that are still to happen. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The first fault that waits for such a request; it is used up by one. */
  take(method: string, target: string): Fault["how"] | undefined {
    const found = this.#waiting.find(
      ({ fault, left }) => left > 0 && (fault.method ?? method) === method && fault.match.test(`${method} ${target}`),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault.how;
  }
}

/** The answer that a fault gives instead of the true one, if it gives one. */
export function answerInstead(how: Fault["how"], nowMs: number): Answer | undefined {
  switch (how.kind) {
    case "status":
      return new Refusal(how.status, how.message ?? "Server Error", { headers: how.headers ?? {} }).answer;
    case "rate-limit": {
      const reset = `${Math.floor(nowMs / 1000) + how.resetSeconds}`;
      const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
      return new Refusal(403, "API rate limit exceeded for user ID 1.", { headers }).answer;
    }
    case "secondary-limit": {
      const headers = { "retry-after": `${how.retryAfterSeconds}` };
      return new Refusal(403, "You have exceeded a secondary rate limit.", { headers }).answer;
    }
    default:
      return undefined;
  }
}

/** Lets so many bytes a second through. */
export function throttle(bytesPerSecond: number, signal: AbortSignal): Transform {
  const sliceBytes = Math.max(1, Math.ceil(bytesPerSecond / 20));
  return new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length; at += sliceBytes) {
          const slice = chunk.subarray(at, at + sliceBytes);
          await wait((slice.length / bytesPerSecond) * 1000, undefined, { signal });
          this.push(slice);
        }
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}

/** Thrown where a stream was to be cut. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** Lets so many bytes through and then fails. */
export function cutAfter(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const passed = chunk.subarray(0, left);
      left -= passed.length;
      this.push(passed);
      // The bytes pushed before are to arrive: the error comes after the reader has had its turn.
      if (passed.length < chunk.length || left === 0) setImmediate(() => done(new Cut("cut")));
      else done();
    },
  });
}
