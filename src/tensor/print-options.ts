/**
 * How tensors are printed: PyTorch's options, their profiles and the one setting the whole program shares.
 */

import { torchError, UsageError } from "../errors.ts";

/** The settings the printer obeys. */
export interface PrintSettings {
  /** Digits after the decimal point. Default 4. */
  readonly precision: number;
  /** Tensors with more elements than this are summarised; `Infinity` prints every element. Default 1000. */
  readonly threshold: number;
  /** Elements shown at each end of a dimension that is cut. Default 3. */
  readonly edgeitems: number;
  /** Characters of a line after which vectors and suffixes wrap. Default 80. */
  readonly linewidth: number;
  /** Scientific notation: always, never, or (null) as the values ask for it. Default null. */
  readonly sciMode: boolean | null;
}

/** PyTorch's sets of options. */
export type PrintProfile = "default" | "short" | "full";

/** What `setPrintoptions` takes; options given beside a profile override it. */
export type PrintOptions = {
  readonly [name in keyof PrintSettings]?: PrintSettings[name] | null | undefined;
} & { readonly profile?: PrintProfile | null | undefined };

const profiles: Readonly<Record<PrintProfile, Omit<PrintSettings, "sciMode">>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
};

/** A double has no decimal digit other than 0 beyond the 1074th. */
const LARGEST_PRECISION = 1100;

/** What each option may be, in words and as a test. */
const rules: Readonly<
  Record<keyof PrintOptions, { readonly expected: string; allows(value: unknown): boolean }>
> = {
  precision: {
    expected: `an integer from 0 to ${LARGEST_PRECISION}`,
    allows: (value) => isCount(value) && value <= LARGEST_PRECISION,
  },
  threshold: { expected: "a number", allows: isNumber },
  edgeitems: { expected: "an integer from 0 on", allows: isCount },
  linewidth: { expected: "a number", allows: isNumber },
  sciMode: { expected: "true, false or null", allows: (value) => typeof value === "boolean" },
  profile: {
    expected: '"default", "short" or "full"',
    allows: (value) => typeof value === "string" && Object.hasOwn(profiles, value),
  },
};

function isNumber(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

let current: PrintSettings = { ...profiles.default, sciMode: null };

/**
 * Sets how tensors print from now on; options that are not given keep their value, except `sciMode`, which every call
 * sets and which is automatic unless given, as in PyTorch.
 *
 * Throws: `UsageError` for an option that does not exist or a value that no tensor could be printed with; nothing is
 * changed then.
 * Differs from PyTorch: there an unknown profile is ignored, and an impossible precision only fails when printing.
 *
 * @example
 * setPrintoptions({ precision: 2 });
 * String(tensor([1.12345])); // "tensor([1.12])"
 * setPrintoptions({ profile: "default" });
 */
export function setPrintoptions(options: PrintOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      throw torchError(
        "TypeError",
        `set_printoptions() got an unexpected keyword argument '${name}'`,
        `The options are ${Object.keys(rules).join(", ")}.`,
      );
    }
    const rule = rules[name as keyof PrintOptions];
    if (value !== undefined && value !== null && !rule.allows(value)) {
      throw new UsageError(`setting print options: ${name} is ${String(value)}, expected ${rule.expected}`, {
        code: "print-option",
        torchType: "ValueError",
      });
    }
  }
  const { profile, precision, threshold, edgeitems, linewidth, sciMode } = options;
  const base = profile ? profiles[profile] : current;
  current = {
    precision: precision ?? base.precision,
    threshold: threshold ?? base.threshold,
    edgeitems: edgeitems ?? base.edgeitems,
    linewidth: linewidth ?? base.linewidth,
    sciMode: sciMode ?? null,
  };
}

/** The settings in force; they can be given back to `setPrintoptions`. */
export function getPrintoptions(): PrintSettings {
  return { ...current };
}

/**
 * Runs synchronous `body` under other print options and sets back what was before, even if it throws.
 *
 * @example
 * printoptions({ precision: 1 }, () => String(tensor([1.25]))); // "tensor([1.2])"
 */
export function printoptions<Result>(options: PrintOptions, body: () => Result): Result {
  const before = current;
  setPrintoptions(options);
  try {
    return body();
  } finally {
    current = before;
  }
}
