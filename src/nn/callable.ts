/**
 * What makes a module callable: its instances are functions with the class's prototype, so `x = layer(x)` works and
 * fields, methods, `instanceof` and `#private` members work as on any object. What a call does is in `module-call.ts`.
 *
 * Note [callable traps]: `typeof module` is `"function"`, there is no `module.call` or `module.bind`, `JSON.stringify`
 * leaves modules out and `structuredClone` refuses them. `name` and `length`, which functions own, are deleted, so a
 * module may have fields of these names like of any other; the compiler knows them of functions, and under
 * `noImplicitOverride` wants them marked `override`. What is deleted costs: fields of functions are read in about 6 ns
 * instead of 1.
 */

import { callModule } from "./module-call.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { ModuleRecord, recordKey } from "./module-record.ts";

/** The class above `Module`. It stands apart so that `Module`'s own fields land on the function, too. */
export class Callable {
  constructor() {
    const self = (...input: unknown[]): unknown => callModule(self as unknown as ModuleProtocol, input);
    Object.setPrototypeOf(self, new.target.prototype as object);
    const open = self as { name?: string; length?: number; [recordKey]?: ModuleRecord };
    delete open.name;
    delete open.length;
    // A symbol, as the walk over the slots looks at string keys.
    open[recordKey] = new ModuleRecord();
    return self as unknown as this;
  }
}
