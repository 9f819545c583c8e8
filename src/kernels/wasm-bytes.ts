/** The bytes of WebAssembly modules that stand in the sources as base64, so that no bundler has to know about them. */

/** Decodes base64. */
export function wasmBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
