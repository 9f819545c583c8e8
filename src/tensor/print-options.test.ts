import { afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { getPrintoptions, printoptions, setPrintoptions } from "./print-options.ts";
import type { PrintOptions } from "./print-options.ts";

const defaults = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };

afterEach(() => setPrintoptions({ profile: "default" }));

describe("setPrintoptions", () => {
  it("starts with PyTorch's defaults", () => {
    expect(getPrintoptions()).toEqual(defaults);
  });

  it("keeps what is not given", () => {
    setPrintoptions({ precision: 2 });
    setPrintoptions({ edgeitems: 5, linewidth: undefined });
    expect(getPrintoptions()).toEqual({ ...defaults, precision: 2, edgeitems: 5 });
  });

  it("makes scientific notation automatic again in every call that does not ask for it", () => {
    setPrintoptions({ sciMode: true });
    expect(getPrintoptions().sciMode).toBe(true);
    setPrintoptions({ precision: 4 });
    expect(getPrintoptions().sciMode).toBeNull();
  });

  it.each<[PrintOptions, object]>([
    [{ profile: "short" }, { precision: 2, edgeitems: 2 }],
    [{ profile: "full" }, { threshold: Infinity }],
    [
      { profile: "short", precision: 3 },
      { precision: 3, edgeitems: 2 },
    ],
  ])("takes the profile %o", (options, changed) => {
    setPrintoptions(options);
    expect(getPrintoptions()).toEqual({ ...defaults, ...changed });
  });

  it.each<[string, object, string]>([
    [
      "a fraction as precision",
      { precision: 2.5 },
      "setting print options: precision is 2.5, expected an integer",
    ],
    ["a negative precision", { precision: -1 }, "precision is -1"],
    ["a precision beyond all digits", { precision: 5000 }, "precision is 5000"],
    ["negative edge items", { edgeitems: -3 }, "edgeitems is -3"],
    ["NaN as threshold", { threshold: Number.NaN }, "threshold is NaN"],
    ["a text as line width", { linewidth: "80" }, "linewidth is 80"],
    ["a number as sciMode", { sciMode: 1 }, "sciMode is 1"],
    ["an unknown profile", { profile: "long" }, "profile is long"],
    ["an inherited name as profile", { profile: "toString" }, "profile is toString"],
    [
      "a misspelt option",
      { sci_mode: true },
      "set_printoptions() got an unexpected keyword argument 'sci_mode'",
    ],
  ])("refuses %s and changes nothing", (_, options, message) => {
    const call = (): void => setPrintoptions({ precision: 1, ...options } as PrintOptions);
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
    expect(getPrintoptions()).toEqual(defaults);
  });
});

describe("printoptions", () => {
  it("sets options for the time of a call and gives back its result", () => {
    setPrintoptions({ precision: 3, sciMode: false });
    expect(printoptions({ profile: "short" }, () => getPrintoptions().precision)).toBe(2);
    expect(getPrintoptions()).toEqual({ ...defaults, precision: 3, sciMode: false });
  });

  it("sets the options back when the body throws", () => {
    const body = (): never => {
      throw new RangeError("stop");
    };
    expect(() => printoptions({ precision: 1 }, body)).toThrow("stop");
    expect(getPrintoptions()).toEqual(defaults);
  });
});
