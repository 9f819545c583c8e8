/** The public list for Node: all of `index.ts`, files, and an `open` and a `scan` that also take paths. */

import "./node/default-blas.ts";

export * from "./index.ts";
export { FileFolder } from "./node/file-folder.ts";
export { FileSource, openFile } from "./node/file-source.ts";
export { installNativeBlas, type NativeBlasOptions } from "./node/native-blas.ts";
export { open, type OpenedCatalog } from "./node/open.ts";
export {
  openPlace,
  openSource,
  type OpenedPlace,
  type OpenedSource,
  type OpenSourceOptions,
} from "./node/open-source.ts";
export { load } from "./state/load-file.ts";
export { watch, type WatchOptions } from "./state/watch-file.ts";
export { createFile, FileSink, FileSinkFolder, type FileSinkOptions } from "./node/file-sink.ts";
export { type PathOptions, save, saveShards } from "./node/save.ts";
export { scan } from "./node/scan.ts";
