/** `npm run conformance -- FILE.json…`: runs files of cases recorded from PyTorch. */

import { kinds } from "./kinds.ts";
import { runFiles } from "./runner.ts";

process.exitCode = runFiles(process.argv.slice(2), kinds, {
  result: (line) => console.log(line),
  trouble: (line) => console.error(line),
});
