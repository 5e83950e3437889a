/** The median of values that come one at a time. */
export class RunningMedian {
  readonly #sorted: number[] = [];

  /** Takes one more value, which is not NaN. */
  add(value: number): void {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, value);
  }

  /** The middle value, or the mean of the two in the middle; NaN when there is none. */
  get median(): number {
    const middle = this.#sorted.length >> 1;
    const upper = this.#sorted[middle] ?? Number.NaN;
    return this.#sorted.length % 2 === 1 ? upper : ((this.#sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  }
}
