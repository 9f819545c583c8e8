/**
 * What is known of the classes and functions that pickles name: the data behind the verdicts of a scan. A report, never
 * a boundary: this package calls none of them, and no such list can be complete.
 *
 * Names are Python 3's; those of Python 2 in old protocols have been translated before they are looked up.
 */

/** What a scan says of a name. */
export type GlobalVerdict = "allowed" | "known" | "unknown" | "dangerous";

/** One line of the data: these names, and what is said of each. */
export interface VerdictRule {
  readonly verdict: Exclude<GlobalVerdict, "unknown">;
  readonly reason: string;
  /** Modules of which every name counts, and every name of the modules inside them. */
  readonly modules?: readonly string[];
  /** Classes by these modules and those inside them: names with a capital letter and no dots. */
  readonly classesOf?: readonly string[];
  /** Names, with their modules. */
  readonly names?: readonly string[];
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function within(module: string, names: string): string[] {
  return words(names).map((name) => `${module}.${name}`);
}

/**
 * What `torch.load(weights_only=True)` lets a file name, as it stands in PyTorch 2.13
 * (`torch._weights_only_unpickler._get_allowed_globals()`; `test/golden/allowed-globals.json` is its output).
 */
const allowedByTorch: readonly string[] = [
  ...words("_codecs.encode collections.Counter collections.OrderedDict"),
  ...within("builtins", "bytearray complex set"),
  ...within(
    "torch",
    `Size Tensor device bool bfloat16 complex32 complex64 complex128 float16 float32 float64
     float4_e2m1fn_x2 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu
     int1 int2 int3 int4 int5 int6 int7 int8 int16 int32 int64
     uint1 uint2 uint3 uint4 uint5 uint6 uint7 uint8 uint16 uint32 uint64
     bits8 bits16 bits1x8 bits2x4 bits4x2 qint8 qint32 quint8 quint2x4 quint4x2
     per_channel_affine per_channel_affine_float_qparams per_channel_symmetric per_tensor_affine per_tensor_symmetric
     QInt8Storage QInt32Storage QUInt8Storage QUInt2x4Storage QUInt4x2Storage`,
  ),
  ...["torch", "torch.cuda"].flatMap((module) =>
    within(
      module,
      `BFloat16Storage BoolStorage ByteStorage CharStorage ComplexDoubleStorage ComplexFloatStorage DoubleStorage
       FloatStorage HalfStorage IntStorage LongStorage ShortStorage
       BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor ShortTensor`,
    ),
  ),
  ...["torch.sparse", "torch.cuda.sparse"].flatMap((module) =>
    words("BFloat16 Byte Char Double Float Half Int Long Short").map((type) => `${module}.${type}Tensor`),
  ),
  ...within(
    "torch._utils",
    `_rebuild_device_tensor_from_cpu_tensor _rebuild_device_tensor_from_numpy _rebuild_meta_tensor_no_storage
     _rebuild_nested_tensor _rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor
     _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_wrapper_subclass`,
  ),
  ...words(
    `torch._tensor._rebuild_from_type_v2 torch.nn.parameter.Parameter torch.serialization._get_layout
     torch.storage.TypedStorage torch.storage.UntypedStorage`,
  ),
];

/** The data. Of several rules that fit a name, the first counts. */
export const verdictRules: readonly VerdictRule[] = [
  {
    verdict: "allowed",
    reason: "torch.load(weights_only=True) lets a file name it",
    names: allowedByTorch,
  },

  // Data, although torch.load(weights_only=True) does not let it pass by itself.
  {
    verdict: "known",
    reason: "a container or a value of Python",
    names: [
      ...within(
        "builtins",
        "bool bytes dict float frozenset int list NoneType object range slice str tuple Ellipsis NotImplemented",
      ),
      ...within("collections", "defaultdict deque"),
      ...within("datetime", "date datetime time timedelta timezone"),
      ...within("pathlib", "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath"),
      ...within("copyreg", "_reconstructor __newobj__ __newobj_ex__"),
      ...words(
        "decimal.Decimal fractions.Fraction uuid.UUID uuid.SafeUUID types.SimpleNamespace argparse.Namespace zoneinfo.ZoneInfo._unpickle",
      ),
    ],
  },
  {
    verdict: "known",
    reason: "an array or a number of NumPy",
    names: [
      ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) =>
        within(module, "_reconstruct scalar _frombuffer"),
      ),
      ...["numpy.core.numeric", "numpy._core.numeric"].map((module) => `${module}._frombuffer`),
      ...within(
        "numpy",
        `ndarray dtype bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64
         complex128 str_ bytes_ datetime64 timedelta64`,
      ),
      ...within("numpy.random._pickle", "__randomstate_ctor __generator_ctor __bit_generator_ctor"),
      ...words("numpy.random._mt19937.MT19937 numpy.random._pcg64.PCG64 numpy.ma.core._mareconstruct"),
    ],
    classesOf: ["numpy.dtypes"],
  },
  {
    verdict: "known",
    reason: "a layer, an optimizer or a record of PyTorch",
    names: [
      ...words(
        `torch.nn.parameter.Buffer torch.nn.parameter.UninitializedParameter torch.nn.parameter.UninitializedBuffer
         torch.nn.backends.thnn._get_thnn_function_backend torch._C.Generator torch.Generator torch.layout torch.dtype
         torch.utils.hooks.RemovableHandle torch._utils._rebuild_sparse_csr_tensor torch.torch_version.TorchVersion
         torch.ScriptObject torch._C.ScriptObject`,
      ),
      ...within(
        "torch",
        `UInt16Storage UInt32Storage UInt64Storage ComplexHalfStorage Float8_e4m3fnStorage Float8_e4m3fnuzStorage
         Float8_e5m2Storage Float8_e5m2fnuzStorage Float8_e8m0fnuStorage Float4_e2m1fn_x2Storage`,
      ),
      ...within(
        "torch.jit._pickle",
        "build_intlist build_tensorlist build_doublelist build_boollist build_tensor_from_id restore_type_tag",
      ),
      ...within(
        "torch.nn.functional",
        "celu elu gelu hardsigmoid hardswish leaky_relu mish relu relu6 selu sigmoid silu softmax softplus tanh",
      ),
    ],
    classesOf: [
      "torch.nn.modules",
      "torch.nn.parallel",
      "torch.nn.qat",
      "torch.nn.quantized",
      "torch.nn.intrinsic",
      "torch.ao.nn",
      "torch.optim",
      "torch.distributed.checkpoint",
      "torch.distributed._shard",
      "torch.distributed.tensor",
      "torch.distributed._tensor",
    ],
  },
  {
    verdict: "known",
    reason: "a class of the TorchScript program in the same file",
    modules: ["__torch__"],
  },

  // What an attack needs: running programs, running text, finding such functions by name, the network, files.
  {
    verdict: "dangerous",
    reason: "it runs code that the file gives it as text",
    names: [
      ...within("builtins", "eval exec execfile compile breakpoint"),
      ...words(
        `numpy.testing._private.utils.runstring numpy.testing.utils.runstring collections.namedtuple dataclasses.make_dataclass
         logging.config.dictConfig logging.config.fileConfig logging.config.listen doctest.debug_script doctest.debug
         torch.utils._config_module.ConfigModule.load_config torch.fx.graph_module.reduce_graph_module
         torch.fx.graph_module.reduce_package_graph_module torch.fx.graph_module._forward_from_src
         torch.fx.graph_module._exec_with_source torch.jit.unsupported_tensor_ops.execWrapper
         pandas.core.computation.eval.eval sympy.sympify sympy.core.sympify.sympify numexpr.evaluate
         torch.distributed.rpc.internal._run_function`,
      ),
    ],
    modules: words(
      `code codeop timeit bdb pdb profile cProfile trace runpy doctest pydoc idlelib lib2to3 IPython
       numpy.f2py numpy.distutils torch._inductor torch.utils.cpp_extension torch.utils._cpp_extension_versioner`,
    ),
  },
  {
    verdict: "dangerous",
    reason: "it runs programs or reaches into the operating system",
    names: words(
      `platform.popen asyncio.create_subprocess_shell asyncio.create_subprocess_exec torch.utils.collect_env.run
       torch.utils.collect_env.run_and_read_all torch.utils.collect_env.run_and_parse_first_match imaplib.IMAP4_stream
       torch.utils.bottleneck.__main__.run_autograd_prof torch.utils.bottleneck.__main__.run_cprofile`,
    ),
    modules: words(
      `os posix nt posixpath ntpath subprocess _posixsubprocess pty commands popen2 shutil signal resource asyncio
       multiprocessing concurrent distutils setuptools pip ensurepip venv virtualenv webbrowser antigravity ctypes _ctypes
       cffi mmap fcntl winreg _winapi msvcrt pexpect paramiko fabric invoke sh plumbum psutil`,
    ),
  },
  {
    verdict: "dangerous",
    reason: "it imports modules or finds functions by a name that the file chooses",
    names: [
      ...within(
        "builtins",
        "__import__ getattr setattr delattr globals locals vars apply reload classmethod staticmethod property super type help",
      ),
      ...within("operator", "attrgetter methodcaller itemgetter call"),
      ...within("_operator", "attrgetter methodcaller itemgetter call"),
      ...within("functools", "partial partialmethod reduce cached_property singledispatch"),
      ...within("_functools", "partial reduce"),
      ...within("copyreg", "add_extension pickle constructor"),
      ...within(
        "types",
        "FunctionType LambdaType CodeType MethodType ModuleType BuiltinFunctionType GenericAlias",
      ),
      ...words("pydoc.locate"),
    ],
    modules: words(
      "importlib _frozen_importlib _frozen_importlib_external imp pkgutil zipimport zipapp inspect gc sys site atexit marshal",
    ),
  },
  {
    verdict: "dangerous",
    reason: "it loads another pickle, of which no loader's rules hold any more",
    names: words(
      `torch.load torch.serialization.load torch.serialization._load torch.serialization._legacy_load
       torch.storage._load_from_bytes torch.jit.load torch.jit._serialization.load torch.export.load torch.package.PackageImporter
       numpy.load numpy.lib.npyio.load numpy.lib._npyio_impl.load pandas.read_pickle pandas.io.pickle.read_pickle
       torch.distributed.distributed_c10d._tensor_to_object `,
    ),
    modules: words("pickle _pickle cPickle cloudpickle dill joblib shelve torch.hub"),
  },
  {
    verdict: "dangerous",
    reason: "it reaches the network",
    modules: words(
      `socket _socket socketserver ssl _ssl http urllib httplib urllib2 urllib3 requests httpx aiohttp ftplib smtplib
       smtpd telnetlib poplib nntplib imaplib xmlrpc wsgiref pycurl tornado twisted websockets`,
    ),
  },
  {
    verdict: "dangerous",
    reason: "it reads, writes or opens files that the file names",
    names: [
      ...within("builtins", "open file input raw_input"),
      ...within("pathlib", "Path.unlink Path.write_text Path.write_bytes Path.read_text Path.open"),
      ...words(
        `codecs.open numpy.fromfile numpy.save numpy.savetxt numpy.loadtxt numpy.memmap logging.FileHandler
         logging.basicConfig torch.save torch.serialization.save torch.from_file`,
      ),
    ],
    modules: words(
      "io _io tempfile fileinput linecache tarfile zipfile sqlite3 dbm filecmp glob logging.handlers",
    ),
  },
  {
    verdict: "dangerous",
    reason: "it stops or disturbs the program that loads the file",
    names: within("builtins", "exit quit"),
    modules: words("_thread thread threading faulthandler sched test unittest pytest"),
  },
];
