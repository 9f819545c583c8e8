/**
 * Requests over HTTP: a few at a time, given up after silence, sent again where that may help. What an answer means is
 * its reader's business.
 */

import { quote, SourceError } from "../errors.ts";
import { connectionFailure, Interruption, silence, statusFailure } from "./http-failure.ts";
import { RequestQueue } from "./request-queue.ts";
import { isExposed, parseWebAddress, shownAddress } from "./web-address.ts";

/** How to talk to a server. */
export interface HttpOptions {
  /**
   * Headers for the server of the address: `{ authorization: "Bearer …" }`. Where a redirect leads to another server,
   * the platform takes `authorization` and `cookie` off, and lets others pass; later requests there have none of them.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a request that failed is sent again; after silence once at most. Default 4. */
  readonly retries?: number;
  /** Milliseconds before the first retry; each further one waits twice as long. Default 250. */
  readonly retryDelayMs?: number;
  /** Milliseconds of silence after which a request has failed. Default 30 000. */
  readonly timeoutMs?: number;
  /** Whether an unencrypted connection may leave this machine. Default false. */
  readonly allowHttp?: boolean;
  /** What sends a request. Default the platform's `fetch`; another one may go through a proxy. */
  readonly fetch?: typeof fetch;
}

/** One request. All are GET: a pre-signed address is good for nothing else. */
export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Begins the message of an error: `opening "https://example.com/model.pt"`. */
  readonly doing: string;
  /** Statuses beside 2xx that the receiver understands. */
  readonly statuses?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** As many connections to one server as a browser opens. */
const connections = 6;

/** The longest wait between two attempts, unless the server asks for more. */
const maxDelayMs = 8000;

/** A server that asks to wait longer than this gets no further attempt. */
const maxAskedDelayMs = 60_000;

/** How often in a row a server may be silent: whoever waits has waited long enough then, a minute by default. */
const mostSilences = 2;

/** Talks to one server, and to those that it redirects to. */
export class HttpClient {
  /** The address that the client was made for. */
  readonly url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #retries: number;
  readonly #retryDelayMs: number;
  readonly #timeoutMs: number;
  readonly #allowHttp: boolean;
  readonly #fetch: typeof fetch;
  readonly #queue = new RequestQueue(connections);

  /** Throws: `UsageError` with code `"address"` or `"insecure-address"`. */
  constructor(address: string | URL, options: HttpOptions = {}) {
    this.#allowHttp = options.allowHttp ?? false;
    const { url, headers } = parseWebAddress(address, this.#allowHttp);
    this.url = url;
    this.#headers = { ...headers, ...options.headers };
    this.#retries = options.retries ?? 4;
    this.#retryDelayMs = options.retryDelayMs ?? 250;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    // Looked up at each request, so that a page or a test may replace it; called unbound, as browsers demand.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /**
   * Sends a request once, and gives the answer and its body to `receive`. What the receiver leaves unread is not fetched.
   *
   * Throws: `Interruption` where another attempt may help; `SourceError`; the signal's reason; what the receiver throws.
   */
  exchange<T>(
    request: HttpRequest,
    receive: (response: Response, chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T> {
    return this.#queue.run(() => this.#exchange(request, receive), request.signal);
  }

  async #exchange<T>(
    request: HttpRequest,
    receive: (response: Response, chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T> {
    const { url, doing, signal } = request;
    const watch = new Watch(this.#timeoutMs, signal);
    const failure = (error: unknown): unknown => {
      if (signal?.aborted) return signal.reason;
      return watch.isExpired ? silence(doing, this.#timeoutMs) : connectionFailure(error, doing);
    };
    try {
      const headers = {
        ...(url.origin === this.url.origin ? this.#headers : undefined),
        ...request.headers,
      };
      let response: Response;
      try {
        response = await this.#fetch(url.href, { headers, signal: watch.signal });
      } catch (error) {
        throw failure(error);
      }
      watch.restart();
      this.#refuseExposed(response, doing);
      const chunks = chunksOf(response, watch, failure);
      if (!response.ok && !request.statuses?.includes(response.status)) {
        throw await statusFailure(response, chunks, doing);
      }
      return await receive(response, chunks);
    } finally {
      watch.end();
    }
  }

  /** Repeats `attempt` while it is interrupted, with growing pauses. Throws: what it throws, or its last `fault`. */
  async persist<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let failures = 0, silences = 0; ;) {
      try {
        return await attempt();
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Interruption)) throw error;
        failures = error.hasProgress ? 1 : failures + 1;
        silences = error.fault.code !== "timed-out" ? 0 : error.hasProgress ? 1 : silences + 1;
        const isOver = failures > this.#retries || silences === mostSilences;
        if (isOver || error.waitMs > maxAskedDelayMs) throw error.fault;
        // Half of the pause is random, so that many readers do not come back all at once.
        const delay = Math.min(maxDelayMs, this.#retryDelayMs * 2 ** (failures - 1));
        await pause(Math.max(error.waitMs, delay * (0.5 + Math.random() / 2)), signal);
      }
    }
  }

  /** Note [plain http] holds for where a redirect leads, too. */
  #refuseExposed({ url }: Response, doing: string): void {
    if (this.#allowHttp || url === "" || !isExposed(new URL(url))) return;
    throw new SourceError(
      `${doing}: it redirects to ${quote(shownAddress(new URL(url)))}, where the connection is not encrypted`,
      {
        code: "insecure-address",
        hint: "If you trust the network, say so: allowHttp in a program, PARASCOPE_ALLOW_HTTP=1 for the command.",
      },
    );
  }
}

/** The body as it arrives; every piece restarts the watch. */
async function* chunksOf(
  response: Response,
  watch: Watch,
  failure: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    let step: ReadableStreamReadResult<Uint8Array>;
    try {
      step = await reader.read();
    } catch (error) {
      throw failure(error);
    }
    if (step.done) return;
    watch.restart();
    yield step.value;
  }
}

/** Aborts a request after silence, when its caller gives up, and when its answer is not wanted any further. */
class Watch {
  readonly #timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #abort = (): void => this.#controller.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isExpired = false;

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#caller = caller;
    caller?.throwIfAborted();
    caller?.addEventListener("abort", this.#abort, { once: true });
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isExpired(): boolean {
    return this.#isExpired;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isExpired = true;
      this.#abort();
    }, this.#timeoutMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#abort);
    this.#abort();
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, ms);
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}
