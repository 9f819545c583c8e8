/** Asks the compiler's language server what an editor would offer at a place of a program. */

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
}

/** One server, which reads and writes messages with their lengths before them. */
class LanguageServer {
  readonly #process;
  readonly #waiting: Map<number, (result: unknown) => void> = new Map();
  #received: Buffer = Buffer.alloc(0);
  #count = 0;

  constructor(compiler: string) {
    this.#process = spawn(process.execPath, [compiler, "--lsp", "--stdio"]);
    this.#process.stdout.on("data", (bytes: Buffer) => this.#receive(bytes));
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, end))![1]);
      const start = end + 4;
      if (this.#received.length < start + length) return;
      const message = JSON.parse(this.#received.toString("utf8", start, start + length)) as Message;
      this.#received = this.#received.subarray(start + length);
      if (message.id === undefined) continue;
      // What the server asks in turn it is told nothing about.
      if (message.method === undefined) this.#waiting.get(message.id)?.(message.result);
      else this.#send({ id: message.id, result: null });
    }
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  tell(method: string, params: object): void {
    this.#send({ method, params });
  }

  ask(method: string, params: object): Promise<unknown> {
    return new Promise((resolve) => {
      const id = ++this.#count;
      this.#waiting.set(id, resolve);
      this.#send({ id, method, params });
    });
  }

  close(): void {
    this.#process.kill();
  }
}

/**
 * What is offered behind each of `calls`, by the call: `["net.getParameter("]`. Every call has to stand once in the program;
 * where `""` is behind it, what is offered between the quotes.
 */
export async function completionsOf(
  compiler: string,
  file: string,
  text: string,
  calls: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const server = new LanguageServer(compiler);
  try {
    const rootUri = pathToFileURL(dirname(file)).href;
    await server.ask("initialize", { processId: process.pid, rootUri, capabilities: {} });
    server.tell("initialized", {});
    const uri = pathToFileURL(file).href;
    server.tell("textDocument/didOpen", {
      textDocument: { uri, languageId: "typescript", version: 1, text },
    });
    const found: Record<string, readonly string[]> = {};
    for (const call of calls) {
      const end = text.indexOf(call) + call.length;
      const before = text.slice(0, text.startsWith('""', end) ? end + 1 : end).split("\n");
      const position = { line: before.length - 1, character: before.at(-1)!.length };
      const answer = (await server.ask("textDocument/completion", { textDocument: { uri }, position })) as {
        readonly items: readonly { readonly label: string }[];
      } | null;
      found[call] = (answer?.items ?? []).map(({ label }) => label);
    }
    return found;
  } finally {
    server.close();
  }
}
