import { AttemptError } from "./download-error.ts";

/** Ends an attempt that receives nothing for too long, or whose signal is aborted. */
export class StallWatch {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal;
  readonly #forward = (): void => this.#controller.abort(this.#outer.reason);
  #isPaused = false;

  constructor(timeoutMs: number, outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#forward();
    outer.addEventListener("abort", this.#forward);
    const problem = `no data for ${timeoutMs / 1000} s`;
    this.#timer = setTimeout(() => {
      // A slow disk is no stall of the server.
      if (this.#isPaused) this.#timer.refresh();
      else this.#controller.abort(new AttemptError({ reason: "unavailable", problem, again: true }));
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Data was received. */
  feed(): void {
    this.#isPaused = false;
    this.#timer.refresh();
  }

  /** The received data is being processed. */
  pause(): void {
    this.#isPaused = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#forward);
  }
}
