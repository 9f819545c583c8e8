/** Prints the requests of `ops-requests.ts` as JSON. */

import { opCases } from "./ops-requests.ts";

console.log(JSON.stringify(opCases().map(({ request }) => request)));
