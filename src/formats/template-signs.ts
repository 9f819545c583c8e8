/**
 * What a scan says of the chat templates beside and inside models. They are programs in Jinja's language, which a
 * loader runs when somebody chats; one that is not fenced in gives a template all of Python (CVE-2024-34359).
 */

import type { ByteSource } from "../bytes/source.ts";
import { quote } from "../errors.ts";
import { latin1 } from "../pickle/text.ts";
import type { ScanLedger } from "./scan-ledger.ts";

/** Bytes of a file that are searched. Real: templates have some KB. */
const searchedByteLength = 4 * 2 ** 20;

/** Files with templates, by their names. */
export const templateFile: RegExp =
  /(?:\.jinja2?|(?:^|\/)(?:tokenizer_config|chat_template|processor_config)\.json)$/i;

/**
 * The brackets of expressions and statements, and ways out of them: names of Python's own machinery, also spelt in
 * codes, and filters that get attributes. (Prompts may speak of programs, and do no harm by it.)
 */
const parts = /(?<open>\{[{%])|(?<close>[}%]\})|__[a-z]+__|\\x5f\\x5f|\|\s{0,9}attr\s{0,9}\(/gi;

/** What in a template leads out of it; null where nothing does. */
function wayOut(text: string): string | null {
  let isInside = false;
  for (const { 0: found, groups } of text.matchAll(parts)) {
    if (groups?.["open"] !== undefined) isInside = true;
    else if (groups?.["close"] !== undefined) isInside = false;
    else if (isInside) return found;
  }
  return null;
}

/** Notes what is in a template, or in the text of a file that holds one. */
export function judgeTemplate(text: string, where: string, ledger: ScanLedger): void {
  const found = wayOut(text);
  if (found === null) return;
  const message = `a chat template reaches for ${quote(found)}, which leads to all of Python where what runs it is not fenced in`;
  ledger.danger("template-code", where, message);
}

/** Notes what is in the templates of a file of such a name. Throws: what the source throws. */
export async function judgeTemplateFile(
  source: ByteSource,
  where: string,
  ledger: ScanLedger,
  signal: AbortSignal | undefined,
): Promise<void> {
  const text = latin1(await source.read(0, Math.min(source.size, searchedByteLength), signal));
  const plain = text.replaceAll(/\\u00([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  judgeTemplate(plain, where, ledger);
}
