/**
 * A repository on the Hugging Face Hub, or on a server that speaks like it: the files it has, and each as a source.
 *
 * What to ask the Hub is `@huggingface/hub`'s knowledge, loaded when a repository is opened; requests and bytes go
 * through our own client, which retries, checks and counts.
 */

import { ParascopeError, printable, quote, SourceError, UsageError } from "../errors.ts";
import { HttpClient, type HttpOptions } from "./http-client.ts";
import { answerFault } from "./http-failure.ts";
import { type HubAddress, parseHubAddress } from "./hub-address.ts";
import { checkpointName, modelNames } from "./model-names.ts";
import { openUrl, type UrlSource } from "./url-source.ts";

/** How to open a repository. */
export interface HubOptions extends Omit<HttpOptions, "headers"> {
  /** The server. Default `https://huggingface.co`. */
  readonly endpoint?: string | undefined;
  /** The access token, for private and gated repositories. It is sent to the endpoint and to nobody else. */
  readonly token?: string | undefined;
  /** Gives up opening; each read has a signal of its own. */
  readonly signal?: AbortSignal | undefined;
}

/** A file in a repository. */
export interface HubFile {
  /** Its path in the repository. */
  readonly name: string;
  readonly byteLength: number;
}

/** A file of a repository, opened, and the repository for the files beside it. */
export interface OpenedHubFile {
  readonly source: UrlSource;
  readonly name: string;
  readonly repository: HubRepository;
}

/** What every call of `@huggingface/hub` is given. */
interface HubCall {
  readonly repo: { type: HubAddress["type"]; name: string };
  readonly revision: string;
  readonly hubUrl: string;
  readonly fetch: typeof fetch;
}

/** Files of a repository that are looked through. Real: 10 000. Prevents: a list that never ends. */
const maxFiles = 100_000;

/** Bytes of one answer of the Hub's interface. Real: 500 KB for 1000 files. */
const maxAnswerByteLength = 16 * 2 ** 20;

/**
 * Opens a file on the Hugging Face Hub. Where the address names a repository only, its model is chosen: the file with
 * a usual name (`model.safetensors`, `pytorch_model.bin`, the index of a sharded one), or else its only checkpoint.
 *
 * Throws: `UsageError` with code `"hub-address"` or `"hub-file"` (several checkpoints, or none); `SourceError` as `openUrl`
 * does.
 *
 * @example
 * const { source, name } = await openHubFile("hf://openai-community/gpt2");
 * const catalog = await open(source, { name });
 */
export async function openHubFile(address: string, options: HubOptions = {}): Promise<OpenedHubFile> {
  const parsed = parseHubAddress(address);
  const repository = new HubRepository(parsed, options);
  const name = parsed.file ?? modelOf(await repository.list(options.signal), address);
  return { source: await repository.open(name, options.signal), name, repository };
}

/** A repository at one revision. Making one sends nothing. */
export class HubRepository {
  readonly #address: HubAddress;
  readonly #options: HubOptions;
  readonly #client: HttpClient;
  readonly #endpoint: string;
  readonly #headers: Readonly<Record<string, string>>;
  /** The commit that the revision meant when the first file was opened: a branch may move before the next one. */
  #commit: string | null = null;

  /** Throws: `UsageError` with code `"address"` or `"insecure-address"` for the endpoint. */
  constructor(address: HubAddress, options: HubOptions = {}) {
    this.#address = address;
    this.#options = options;
    this.#endpoint = (options.endpoint ?? "https://huggingface.co").replace(/\/+$/, "");
    const token = options.token?.trim() ?? "";
    this.#headers = token === "" ? {} : { authorization: `Bearer ${token}` };
    this.#client = new HttpClient(this.#endpoint, { ...options, headers: this.#headers });
  }

  /** All files of the repository, in all folders. One request for each thousand. */
  async list(signal?: AbortSignal): Promise<HubFile[]> {
    const { listFiles } = await import("@huggingface/hub");
    return this.#ask(signal, async (call) => {
      const files: HubFile[] = [];
      for await (const { type, path, size } of listFiles({ ...call, recursive: true })) {
        if (type === "file") files.push({ name: path, byteLength: size });
        if (files.length <= maxFiles) continue;
        throw new SourceError(`listing ${quote(this.#address.repo)}: found more than ${maxFiles} files`, {
          code: "hub-files",
          hint: "Name a file: hf://owner/repo/file.",
        });
      }
      return files;
    });
  }

  /** Opens a file by its path in the repository. Throws: as `openUrl` does. */
  async open(name: string, signal?: AbortSignal): Promise<UrlSource> {
    const { fileDownloadInfo } = await import("@huggingface/hub");
    const path = name.split("/").map(encodeURIComponent).join("/");
    const info = await this.#ask(signal, (call) => fileDownloadInfo({ ...call, path }));
    if (info === null) {
      const { repo, revision } = this.#address;
      throw new SourceError(
        `opening ${quote(name)}: there is no such file in ${quote(repo)} at revision ${quote(revision ?? "main")}`,
        { code: "file-missing", hint: "Check its name; it counts from the repository's top folder." },
      );
    }
    return openUrl(info.url, { ...this.#options, headers: this.#headers, signal });
  }

  /** Runs a call of `@huggingface/hub`. Its own errors are complaints about an answer. */
  async #ask<T>(signal: AbortSignal | undefined, run: (call: HubCall) => Promise<T>): Promise<T> {
    const { type, repo, revision } = this.#address;
    try {
      return await run({
        repo: { type, name: repo },
        revision: this.#commit ?? revision ?? "main",
        hubUrl: this.#endpoint,
        // The token goes through our client: the library refuses those that do not begin with hf_.
        fetch: (input, init) => this.#fetch(new URL(String(input)), new Headers(init?.headers), signal),
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ParascopeError) throw error;
      const what = error instanceof Error ? error.message : String(error);
      throw new SourceError(`${this.#doing}: its answer is not the Hub's (${printable(what)})`, {
        code: "http-response",
        hint: "Check HF_ENDPOINT, and that no proxy on the way changes answers.",
        cause: error,
      });
    }
  }

  /** The `fetch` that the library uses. An answer that reports a failure becomes our error, unless it is "no such file". */
  async #fetch(url: URL, headers: Headers, signal: AbortSignal | undefined): Promise<Response> {
    const doing = this.#doing;
    const request = { url, headers: Object.fromEntries(headers), doing, statuses: [404], signal };
    const answer = async (response: Response, chunks: AsyncIterable<Uint8Array>): Promise<Response> => {
      const code = response.headers.get("x-error-code");
      if (response.status === 404 && code !== "EntryNotFound") throw this.#missing(response);
      const commit = response.headers.get("x-repo-commit");
      if (commit !== null && /^[0-9a-f]{40,64}$/.test(commit)) this.#commit ??= commit;
      const body = await bodyOf(chunks, doing);
      return new Response(body, { status: response.status, headers: response.headers });
    };
    try {
      return await this.#client.persist(() => this.#client.exchange(request, answer), signal);
    } catch (error) {
      if (!(error instanceof SourceError && error.code === "no-permission")) throw error;
      throw new SourceError(error.message, {
        code: "no-permission",
        hint: this.#headers["authorization"]
          ? "Check the repository's name, and that the token in HF_TOKEN may read it; a gated one has to be asked for on its page."
          : "Check the repository's name. If it is private or gated, set HF_TOKEN to a token that may read it.",
        cause: error,
      });
    }
  }

  #missing({ headers }: Response): SourceError {
    const { revision } = this.#address;
    switch (headers.get("x-error-code")) {
      case "RevisionNotFound":
        return new SourceError(`${this.#doing}: there is no revision ${quote(revision ?? "main")}`, {
          code: "file-missing",
          hint: "Check the part after the @: a branch, a tag or a commit.",
        });
      case "RepoNotFound":
        return new SourceError(`${this.#doing}: there is no such repository`, {
          code: "file-missing",
          hint: "Check its name; a private one needs HF_TOKEN.",
        });
      default:
        return new SourceError(`${this.#doing}: the server answers 404 Not Found`, {
          code: "file-missing",
          hint: "Check the address, and HF_ENDPOINT if it is set.",
        });
    }
  }

  /** Begins the message of an error. */
  get #doing(): string {
    return `asking ${quote(this.#client.url.host)} for ${quote(this.#address.repo)}`;
  }
}

/** A whole answer of the Hub's interface. */
async function bodyOf(chunks: AsyncIterable<Uint8Array>, doing: string): Promise<Blob> {
  const pieces: BlobPart[] = [];
  let byteLength = 0;
  for await (const chunk of chunks) {
    byteLength += chunk.byteLength;
    if (byteLength > maxAnswerByteLength) {
      throw answerFault(doing, `an answer of ${byteLength} bytes or more`, `at most ${maxAnswerByteLength}`);
    }
    pieces.push(chunk.slice());
  }
  return new Blob(pieces);
}

/** The file that a repository is about. */
function modelOf(files: readonly HubFile[], address: string): string {
  const names = new Set(files.map(({ name }) => name));
  const usual = modelNames.find((name) => names.has(name));
  if (usual !== undefined) return usual;
  const checkpoints = [...names].filter((name) => checkpointName.test(name));
  if (checkpoints.length === 1) return checkpoints[0]!;
  const shown = checkpoints.slice(0, 8).map(quote).join(", ");
  const found =
    checkpoints.length === 0
      ? `no checkpoint among its ${files.length} files`
      : `${checkpoints.length} checkpoints: ${shown}${checkpoints.length > 8 ? ", …" : ""}`;
  throw new UsageError(`opening ${quote(address)}: found ${found}, expected one`, {
    code: "hub-file",
    hint: "Name the file: hf://owner/repo/file.",
  });
}
