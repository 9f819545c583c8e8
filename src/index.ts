/**
 * The public list for browsers, workers and other runtimes. The Node entry, `index.node.ts`, has all of it and files.
 */

export {
  isAnomalyEnabled,
  setDetectAnomaly,
  type AnomalyOptions,
  type AnomalyScope,
} from "./autograd/anomaly-mode.ts";
export { backward, grad } from "./autograd/backward.ts";
export { AutogradFunction, type FunctionContext } from "./autograd/function.ts";
export { enableGrad, isGradEnabled, noGrad, setGradEnabled } from "./autograd/grad-mode.ts";
export { BlobSource } from "./bytes/blob-source.ts";
export { CachedSource, type CacheOptions } from "./bytes/cached-source.ts";
export { CoalescedSource, type CoalesceOptions } from "./bytes/coalesced-source.ts";
export { type Folder, type FolderFile, folderOf } from "./bytes/folder.ts";
export type { HttpOptions } from "./bytes/http-client.ts";
export type { HttpFileOptions } from "./bytes/http-file.ts";
export { type HubAddress, parseHubAddress } from "./bytes/hub-address.ts";
export {
  type HubFile,
  type HubOptions,
  HubRepository,
  type OpenedHubFile,
  openHubFile,
} from "./bytes/hub-repository.ts";
export { MemorySource } from "./bytes/memory-source.ts";
export { MemoryFolder, MemorySink, type OldFile, type Sink, type SinkFolder } from "./bytes/sink.ts";
export { SliceSource } from "./bytes/slice-source.ts";
export type { ByteSource } from "./bytes/source.ts";
export { UrlFolder } from "./bytes/url-folder.ts";
export { openUrl, type UrlOptions, UrlSource } from "./bytes/url-source.ts";
export type { Catalog, ModuleFacts, Notice, ReadOptions } from "./catalog/catalog.ts";
export { type Draft, draft, type TensorElements } from "./catalog/draft.ts";
export type { Edit } from "./catalog/edit.ts";
export type {
  AbsentLayout,
  BlocksLayout,
  Chunk,
  ChunksLayout,
  Entry,
  EntryFacts,
  EntryKind,
  KindFrom,
  ParameterOwner,
  Layout,
  Quantization,
  SparseLayout,
  StorageRef,
  StridedLayout,
  TensorPart,
} from "./catalog/entry.ts";
export type { Progress } from "./catalog/plan.ts";
export { type LiveStorage, type LiveTensor, orderedAttributes, type Saveable } from "./catalog/saveable.ts";
export {
  type BytesValue,
  type ComplexValue,
  type DictItem,
  type DictValue,
  type FloatValue,
  type GlobalValue,
  type ListValue,
  type ObjectValue,
  type PersistentValue,
  type SetValue,
  type TensorValue,
  type TupleValue,
  type Value,
  keyOf,
  pyFloat,
} from "./catalog/value.ts";
export * as data from "./data/index.ts";
export {
  type Complex,
  type DType,
  type DTypeKind,
  type DTypeName,
  type Scalar,
  dtypes,
  findDtype,
} from "./dtype.ts";
export {
  type ErrorFacts,
  FormatError,
  LimitError,
  ParascopeError,
  SourceError,
  StateError,
  type TorchErrorType,
  UsageError,
} from "./errors.ts";
export type { Ties } from "./formats/named-tensors.ts";
export { type Openable, open, type OpenOptions } from "./formats/open.ts";
export {
  saveBytes,
  type Saved,
  type SaveInput,
  type SaveOptions,
  saveShards,
  type SaveShardsOptions,
  saveTo,
  type WritableFormat,
} from "./formats/save.ts";
export { scan, type ScanOptions } from "./formats/scan.ts";
export * as functional from "./functional/index.ts";
export {
  type ChangeReport,
  type ChangeRow,
  renderChangeJson,
  renderChangeText,
} from "./inspect/change-report.ts";
export type {
  GradientFinding,
  GradientModuleRow,
  GradientReport,
  GradientRow,
  NoGradientReason,
  PathEnd,
} from "./inspect/gradient-report.ts";
export { type GradientTextOptions, renderGradientJson, renderGradientText } from "./inspect/gradient-text.ts";
export { renderJson } from "./inspect/json.ts";
export type { Count, ModuleRow } from "./inspect/module-tree.ts";
export {
  type Report,
  report,
  type ReportEntry,
  type ReportOptions,
  type Tie,
  type Totals,
} from "./inspect/report.ts";
export {
  type FoundPickle,
  type ScanFinding,
  type ScannedGlobal,
  type ScanRemark,
  type ScanReport,
} from "./inspect/scan-report.ts";
export { renderScanJson, renderScanText, type ScanTextOptions } from "./inspect/scan-text.ts";
export type { CurvePoint } from "./inspect/series.ts";
export type { Statistics } from "./inspect/statistics.ts";
export { renderText, type Styler, type TextOptions } from "./inspect/text.ts";
export type { GlobalVerdict } from "./inspect/verdict-rules.ts";
export { type Judgement, judge } from "./inspect/verdict.ts";
export { WatchHistory } from "./inspect/watch-history.ts";
export type {
  ExponentHistogram,
  WatchColumn,
  WatchedParameter,
  WatchEnd,
  WatchHeader,
  WatchPathEnd,
  WatchRecord,
} from "./inspect/watch-log.ts";
export type { WatchCurve, WatchFinding, WatchReport, WatchRow } from "./inspect/watch-report.ts";
export {
  renderWatchJson,
  renderWatchText,
  sortedRows,
  type WatchOrder,
  type WatchTextOptions,
} from "./inspect/watch-text.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export {
  escapeLevel,
  joinPath,
  moduleOf,
  naturalCompare,
  parentModule,
  type Path,
  splitPath,
} from "./name.ts";
export * as nn from "./nn/index.ts";
export * from "./ops/index.ts";
export { groups } from "./optim/group-selectors.ts";
export * as optim from "./optim/index.ts";
export { selector } from "./selector.ts";
export type { Size } from "./shape.ts";
export { compare } from "./state/comparison.ts";
export { type GradientOptions, gradients } from "./state/gradients.ts";
export { catalogOf } from "./state/live-catalog.ts";
export { load, type Loadable } from "./state/load.ts";
export { Snapshot, snapshot } from "./state/snapshot.ts";
export { type RecordedValues, watch, type WatchOptions, WatchRun } from "./state/watch.ts";
export { getPrintoptions, type PrintOptions, printoptions, setPrintoptions } from "./tensor/print-options.ts";
export { defaultDtype, resultType, setDefaultDtype } from "./tensor/promotion.ts";
export { defaultGenerator, Generator, initialSeed, manualSeed, seed } from "./tensor/random/generator.ts";
export { isTensor, Tensor } from "./tensor/tensor.ts";
export { finfo, FloatInfo, iinfo, IntegerInfo } from "./tensor/type-info.ts";
export { setWarningHandler, type WarningHandler } from "./warnings.ts";
