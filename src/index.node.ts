/** The public list for Node: all of `index.ts`, files, and an `open` that also takes paths. */

export * from "./index.ts";
export { FileSource, openFile } from "./node/file-source.ts";
export { open, type OpenedCatalog } from "./node/open.ts";
export { openSource, type OpenedSource, type OpenSourceOptions } from "./node/open-source.ts";
export { createFile, FileSink, FileSinkFolder, type FileSinkOptions } from "./node/file-sink.ts";
export { type PathOptions, save, saveShards } from "./node/save.ts";
