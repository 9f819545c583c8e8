/** What goes wrong over HTTP, in words, and whether asking again may help. Sending is `http-client.ts`. */

import { printable, quote, SourceError } from "../errors.ts";

/** A failure that may pass when the request is sent again. `fault` is what it becomes when it does not. */
export class Interruption extends Error {
  readonly fault: SourceError;
  /** Milliseconds the server asks to wait; 0 if it does not say. */
  readonly waitMs: number;
  /** Whether much has arrived since the last failure, so that this one counts as the first. */
  readonly hasProgress: boolean;

  constructor(
    fault: SourceError,
    { waitMs = 0, hasProgress = false }: { readonly waitMs?: number; readonly hasProgress?: boolean } = {},
  ) {
    super(fault.message, { cause: fault });
    this.fault = fault;
    this.waitMs = waitMs;
    this.hasProgress = hasProgress;
  }
}

/** Answers that may be another one a moment later: timeouts, too many requests, a gateway without its server. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

const statusFaults: ReadonlyMap<number, { readonly code: string; readonly hint: string }> = new Map([
  [
    401,
    {
      code: "no-permission",
      hint: "The address needs a log-in: pass an authorization header or a pre-signed address.",
    },
  ],
  [403, { code: "no-permission", hint: "The address may have expired, or needs a log-in; get a fresh one." }],
  [404, { code: "file-missing", hint: "Check the address." }],
  [407, { code: "no-permission", hint: "A proxy on the way needs a log-in." }],
  [410, { code: "file-missing", hint: "The file was removed from the server." }],
  [429, { code: "http-busy", hint: "The server limits how often it answers; try again later." }],
  [503, { code: "http-busy", hint: "Try again later." }],
]);

/** Bytes of an error's body that are looked at for its reason. */
const reasonByteLength = 4096;

/**
 * The failure that an answer other than success stands for. Object stores and the Hugging Face Hub say why; that
 * becomes part of the message.
 */
export async function statusFailure(
  response: Response,
  chunks: AsyncIterable<Uint8Array>,
  doing: string,
): Promise<SourceError | Interruption> {
  const { status, statusText, headers } = response;
  const given = headers.get("x-error-message") ?? (await storeReason(chunks));
  const reason = given === null ? "" : ` (${printable(given.slice(0, 200))})`;
  const known = statusFaults.get(status);
  const fault = new SourceError(
    `${doing}: the server answers ${`${status} ${printable(statusText.slice(0, 60))}`.trim()}${reason}`,
    {
      code: known?.code ?? "http-status",
      hint:
        known?.hint ?? (status >= 500 ? "The server has a fault; try again later." : "Check the address."),
    },
  );
  if (!passingStatuses.has(status)) return fault;
  return new Interruption(fault, { waitMs: retryAfter(headers.get("retry-after")) });
}

/** The reason in an object store's XML answer: `<Error><Code>AccessDenied</Code><Message>Request has expired</Message>`. */
async function storeReason(chunks: AsyncIterable<Uint8Array>): Promise<string | null> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of chunks) {
      text += decoder.decode(chunk.subarray(0, reasonByteLength), { stream: true });
      if (text.length >= reasonByteLength) break;
    }
  } catch (error) {
    // A reason cut short is none; the status is what matters. An abort shows again where the answer is used.
    if (error instanceof Interruption) return null;
    throw error;
  }
  const code = /<Code>([^<]{1,80})<\/Code>/.exec(text)?.[1];
  const message = /<Message>([^<]{1,200})<\/Message>/.exec(text)?.[1];
  const parts = [code, message].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join(": ");
}

/** Milliseconds in a Retry-After header, which holds seconds or a date. */
function retryAfter(value: string | null): number {
  if (value === null) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  return Number.isNaN(until) ? 0 : Math.max(0, until - Date.now());
}

/** What the system's error codes mean where asking again is no use. */
const connectionFaults: readonly {
  readonly cause: RegExp;
  readonly code: string;
  readonly found: string;
  readonly hint: string;
}[] = [
  {
    cause: /^ENOTFOUND$/,
    code: "host-unknown",
    found: "there is no such host",
    hint: "Check the address and your connection.",
  },
  {
    cause: /^ECONNREFUSED$/,
    code: "connection-refused",
    found: "nobody answers there",
    hint: "Check the address, and that the server runs.",
  },
  {
    cause: /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/,
    code: "certificate",
    found: "the server cannot prove who it is",
    hint: "Do not trust the connection. If your organisation has an authority of its own, name it in NODE_EXTRA_CA_CERTS.",
  },
  {
    cause: /^redirect count exceeded$/,
    code: "redirect-loop",
    found: "the server redirects without end",
    hint: "Open the address in a browser to see where it leads.",
  },
];

/** The failure that an error thrown by `fetch`, or by reading its body, stands for. */
export function connectionFailure(error: unknown, doing: string): SourceError | Interruption {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const systemCode = (cause as { readonly code?: unknown } | null)?.code;
  const text = cause instanceof Error ? cause.message : String(cause);
  for (const known of connectionFaults) {
    if (!known.cause.test(typeof systemCode === "string" ? systemCode : text)) continue;
    const facts = { code: known.code, hint: known.hint, cause: error };
    const detail = known.code === "certificate" ? ` (${printable(text)})` : "";
    return new SourceError(`${doing}: ${known.found}${detail}`, facts);
  }
  return new Interruption(
    new SourceError(`${doing}: the connection failed (${printable(text)})`, {
      code: "connection-failed",
      hint: "Check your connection. In a page, the server also has to allow it to other origins (CORS).",
      cause: error,
    }),
  );
}

/** The failure of a server that has said nothing for so long. */
export function silence(doing: string, timeoutMs: number): Interruption {
  return new Interruption(
    new SourceError(`${doing}: the server said nothing for ${timeoutMs / 1000} s`, {
      code: "timed-out",
      hint: "Try again later, or allow more time.",
    }),
  );
}

/** The fault of an answer that contradicts the request or itself. */
export function answerFault(doing: string, found: string, expected: string): SourceError {
  return new SourceError(`${doing}: found ${found}, expected ${expected}`, {
    code: "http-response",
    hint: "The server or a proxy on the way is faulty; download the file by other means and open it from disk.",
  });
}

/** The fault of a file that is not the one that was opened. */
export function changedFault(address: string, found: string, expected: string): SourceError {
  return new SourceError(
    `reading ${quote(address)}: found ${found}, expected ${expected} as when it was opened`,
    { code: "file-changed", hint: "The file was replaced on the server; open it again." },
  );
}
