/** The worker of the test page: runs programs and sends back what they answer, or the message of their error. */

import { type ProgramName, runProgram } from "./programs.ts";

/** What a page asks a worker for. */
export interface Request {
  readonly name: ProgramName;
  readonly args: readonly unknown[];
}

/** What a worker says. */
export type Reply = { readonly answer: unknown } | { readonly error: string };

interface Scope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(reply: Reply): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data: { name, args } }) => {
  runProgram(name, args).then(
    (answer) => scope.postMessage({ answer }),
    (error: unknown) => scope.postMessage({ error: String((error as Error).stack) }),
  );
};
