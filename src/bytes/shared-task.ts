/** One piece of work that several callers wait for, each of whom may give up without disturbing the others. */

/**
 * Work that starts in the next microtask and is shared by all who `join`. A caller whose signal is aborted gets the signal's reason;
 * the work itself is aborted only when everybody who waited for it has given up.
 */
export class SharedTask<T> {
  readonly #result: Promise<T>;
  readonly #controller = new AbortController();
  readonly #abandoned: (() => void) | undefined;
  #waiting = 0;
  #settled = false;

  /**
   * `run` does the work and gets a signal that tells it to stop. `abandoned` is called once when everybody has given
   * up, before the work is told: whoever keeps the task for others to join must forget it then.
   */
  constructor(run: (signal: AbortSignal) => Promise<T>, abandoned?: () => void) {
    this.#abandoned = abandoned;
    const settle = (): void => {
      this.#settled = true;
    };
    // A microtask later, so that the creator has stored the task by then.
    this.#result = Promise.resolve().then(() => run(this.#controller.signal));
    // Marks a failure as seen: it reaches those who joined, and there may be none.
    this.#result.then(settle, settle);
  }

  /** Waits for the result. Throws: what the work threw; the signal's reason when it is aborted. */
  join(signal?: AbortSignal): Promise<T> {
    if (signal === undefined) {
      // Waits for ever, so the count can never fall back to zero.
      this.#waiting += 1;
      return this.#result;
    }
    return new Promise<T>((resolve, reject) => {
      signal.throwIfAborted();
      this.#waiting += 1;
      const giveUp = (): void => {
        reject(signal.reason);
        this.#leave();
      };
      const done = (): void => signal.removeEventListener("abort", giveUp);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#result.then(resolve, reject).then(done, done);
    });
  }

  #leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.#settled) return;
    this.#abandoned?.();
    this.#controller.abort();
  }
}
