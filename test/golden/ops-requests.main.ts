/** Prints the requests of `ops-requests.ts` as JSON, by family: of those that are named, else of all. */

import { families } from "../../src/ops/methods.ts";
import { opCases } from "./ops-requests.ts";

const named = process.argv.slice(2);
const wanted = named.length === 0 ? Object.keys(families) : named;
console.log(
  JSON.stringify(
    Object.fromEntries(wanted.map((family) => [family, opCases(family).map(({ request }) => request)])),
  ),
);
