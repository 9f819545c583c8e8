/** Calls that PyTorch refuses, as they are written in both. */
export interface RefusalCase {
  readonly torch: string;
  readonly run: () => unknown;
}
/** All. */
export const refusalCases: readonly RefusalCase[] = [];
