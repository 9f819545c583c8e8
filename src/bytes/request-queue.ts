/** A queue in front of a server, so that it never sees more than a few requests of ours at a time. */

/** Lets a few pieces of work run at a time, the others in the order in which they came. */
export class RequestQueue {
  readonly #room: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** `room` is how many may run at a time. */
  constructor(room: number) {
    this.#room = room;
  }

  /** Runs `work` when there is room. Throws: what the work throws; the signal's reason when it is aborted first. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running < this.#room) this.#running += 1;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      // Whoever is called takes over this place, so that nobody who comes now can overtake.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(signal!.reason);
      };
      const enter = (): void => {
        this.#waiting.delete(enter);
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      signal?.throwIfAborted();
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.add(enter);
    });
  }
}
