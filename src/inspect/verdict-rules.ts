/**
 * What is known of the classes and functions that pickles name: the data behind the verdicts of a scan. A report, never
 * a boundary: this package calls none of them, and no such list can be complete.
 *
 * Names are Python 3's; those of Python 2 in old protocols have been translated before they are looked up.
 */

import { pythonLibrary } from "./python-library.ts";

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
  /** Functions and methods of these packages: what ends in a part without a capital letter. */
  readonly functionsOf?: readonly string[];
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
        `decimal.Decimal fractions.Fraction uuid.UUID uuid.SafeUUID types.SimpleNamespace argparse.Namespace
         zoneinfo.ZoneInfo._unpickle random.Random array.array array._array_reconstructor re._compile re.RegexFlag
         ipaddress.IPv4Address ipaddress.IPv6Address collections.UserDict collections.UserList collections.ChainMap
         typing.Any weakref.WeakSet weakref.WeakKeyDictionary weakref.WeakValueDictionary`,
      ),
      ...within(
        "itertools",
        "chain count cycle repeat accumulate zip_longest product permutations combinations islice",
      ),
      ...within("math", "sqrt exp log log2 log10 sin cos tan tanh floor ceil pow fabs"),
      ...within("operator", "add sub mul truediv floordiv mod neg pos abs eq ne lt le gt ge and_ or_ not_"),
      ...within("_operator", "add sub mul truediv floordiv mod neg pos abs eq ne lt le gt ge and_ or_ not_"),
      ...within("enum", "Enum IntEnum Flag IntFlag"),
      ...within(
        "builtins",
        `Exception ArithmeticError AssertionError AttributeError ImportError IndexError KeyError KeyboardInterrupt
         NotImplementedError OSError RuntimeError StopIteration TypeError ValueError ZeroDivisionError`,
      ),
    ],
  },
  {
    verdict: "known",
    reason: "configuration or bookkeeping of a training library",
    names: words(
      `easydict.EasyDict addict.addict.Dict yacs.config.CfgNode fvcore.common.config.CfgNode
       pytorch_lightning.utilities.parsing.AttributeDict lightning_fabric.utilities.data.AttributeDict
       lightning.fabric.utilities.data.AttributeDict transformers.training_args.TrainingArguments
       transformers.training_args.OptimizerNames transformers.trainer_utils.IntervalStrategy
       transformers.trainer_utils.SaveStrategy transformers.trainer_utils.HubStrategy
       transformers.trainer_utils.SchedulerType accelerate.state.PartialState accelerate.utils.dataclasses.DistributedType
       accelerate.state.AcceleratorState accelerate.utils.dataclasses.DeepSpeedPlugin
       transformers.trainer_pt_utils.AcceleratorConfig`,
    ),
    classesOf: [
      ...words("omegaconf.dictconfig omegaconf.listconfig omegaconf.base omegaconf.nodes"),
      ...words("pytorch_lightning.callbacks lightning.pytorch.callbacks"),
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
         torch.ScriptObject torch._C.ScriptObject torch.nn.modules.module._WrappedHook
         torch.distributed.checkpoint.filesystem._StorageInfo torch.distributed.checkpoint.filesystem._StoragePrefix
         torch.distributed.checkpoint.filesystem.SerializationFormat torch.distributed.device_mesh.DeviceMesh
         torch.nested._internal.nested_tensor.NestedTensor torch.nested._internal.nested_tensor._rebuild_njt
         torch._dynamo.decorators._DimRange`,
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
      "torch.distributed.checkpoint.metadata",
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
         numpy.lib.utils.safe_eval numpy.lib._utils_impl.safe_eval pandas.eval
       pandas.core.frame.DataFrame.eval pandas.core.frame.DataFrame.query pandas.DataFrame.eval pandas.DataFrame.query
       torch.nn.utils.parametrize._inject_new_class torch._sources.parse_def torch.utils._freeze.Freezer.compile_path`,
      ),
    ],
    modules: words(
      `code codeop cmd timeit bdb pdb profile cProfile trace runpy doctest pydoc idlelib lib2to3 gettext rlcompleter
       _pyrepl profiling py_compile compileall annotationlib IPython
       numpy.f2py numpy.distutils numpy.testing torch._numpy.testing torch._inductor torch._dynamo torch._functorch
       torch.utils.cpp_extension torch.utils._cpp_extension_versioner torch.utils.benchmark torch.utils.hipify
       torch.fx.experimental torch.fx.graph_module torch.fx.passes torch._jit_internal torch.jit.frontend
       torch._export torch.testing._internal.common_utils torch.testing._internal.distributed torch.distributed.rpc torch.distributed.elastic torch.distributed.launcher
       torch.distributed.run torch.distributed.launch torch.multiprocessing torch.utils.bottleneck
       sympy.parsing sympy.utilities.lambdify jinja2 mako triton numba llvmlite _pytest nose py._process pyximport Cython
       keras.src.layers.core.lambda_layer keras.layers.core.lambda_layer`,
    ),
  },
  {
    verdict: "dangerous",
    reason: "it runs programs or reaches into the operating system",
    names: words(
      `platform.popen asyncio.create_subprocess_shell asyncio.create_subprocess_exec torch.utils.collect_env.run
       torch.ops.load_library torch.classes.load_library torch._ops._Ops.load_library torch._classes._Classes.load_library
       numpy.ctypeslib.load_library numpy.ctypeslib._ctypeslib.load_library imaplib.IMAP4_stream uuid._popen
       uuid._get_command_stdout tensorflow.load_library tensorflow.load_op_library keras.layers.Lambda
       tensorflow.keras.layers.Lambda tensorflow.python.keras.layers.core.Lambda
       tensorflow.python.framework.load_library.load_library tensorflow.python.framework.load_library.load_op_library`,
    ),
    modules: words(
      `os posix nt posixpath ntpath subprocess _posixsubprocess pty commands popen2 shutil signal resource asyncio
       multiprocessing concurrent distutils setuptools pip ensurepip venv virtualenv webbrowser antigravity ctypes _ctypes
       _aix_support _osx_support _bootsubprocess mailcap cgi cgitb _sqlite3 readline tkinter turtle curses
       torch.utils.collect_env torch.cuda._memory_viz torch.backends._nnapi accelerate.utils.launch accelerate.commands
       deepspeed.ops deepspeed.launcher cffi mmap fcntl winreg _winapi msvcrt pexpect paramiko fabric invoke sh plumbum
       psutil git gradio`,
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
      ...words(
        `pydoc.locate logging.config._resolve torch._utils._import_dotted_name torch.utils._import_utils.import_dill
         numpy.vectorize numpy.frompyfunc numpy.piecewise numpy.apply_along_axis numpy.apply_over_axes numpy.fromfunction
         transformers.dynamic_module_utils.get_class_from_dynamic_module hydra.utils.instantiate hydra.utils.call
         hydra.utils.get_method hydra.utils.get_class hydra.utils.get_object string.Formatter
         weakref.finalize weakref.WeakMethod contextlib.ExitStack contextlib.AsyncExitStack unittest.mock.patch`,
      ),
    ],
    modules: words(
      "importlib hydra._internal transformers.dynamic_module_utils _imp modulefinder _distutils_hack pyclbr _frozen_importlib _frozen_importlib_external imp pkgutil zipimport zipapp inspect gc sys site atexit marshal",
    ),
  },
  {
    verdict: "dangerous",
    reason: "it loads another pickle, of which no loader's rules hold any more",
    names: words(
      `torch.load torch.serialization.load torch.serialization._load torch.serialization._legacy_load
       torch.storage._load_from_bytes torch.jit.load torch.jit._serialization.load torch.export.load torch.package.PackageImporter
       numpy.load numpy.lib.npyio.load numpy.lib._npyio_impl.load pandas.read_pickle pandas.io.pickle.read_pickle
       torch.distributed.distributed_c10d._tensor_to_object torch.distributed.distributed_c10d._object_to_tensor
       torch.utils.data.datapipes.utils.decoder.basichandlers torch.utils.data.datapipes.utils.decoder.handle_extension
       torch._weights_only_unpickler.load torch.utils.show_pickle.main torch.utils.model_dump.main
       numpy.lib.format.read_array numpy.lib._format_impl.read_array numpy.lib.npyio.NpzFile numpy.lib._npyio_impl.NpzFile
       pandas.compat.pickle_compat.load keras.models.load_model tensorflow.keras.models.load_model
       keras.saving.load_model keras.src.saving.saving_api.load_model mlflow.pyfunc.load_model scipy.io.loadmat
       transformers.modeling_utils.PreTrainedModel.from_pretrained transformers.AutoModel.from_pretrained`,
    ),
    modules: words(
      `pickle _pickle cPickle pickletools cloudpickle dill joblib shelve jsonpickle srsly yaml ruamel.yaml fickling
       torch.hub torch.package torch.utils.model_zoo torch.jit._serialization torch.export._unlift`,
    ),
  },
  {
    verdict: "dangerous",
    reason: "it reaches the network",
    modules: words(
      `socket _socket socketserver ssl _ssl http urllib httplib urllib2 urllib3 requests httpx aiohttp ftplib smtplib
       smtpd telnetlib poplib nntplib imaplib xmlrpc wsgiref asyncore asynchat pycurl tornado twisted websockets
       boto3 botocore fsspec smart_open huggingface_hub transformers.utils.hub sklearn.datasets scipy.datasets`,
    ),
  },
  {
    verdict: "dangerous",
    reason: "it reads, writes or opens files that the file names",
    names: [
      ...within("builtins", "open file input raw_input"),
      ...words(
        `codecs.open numpy.fromfile numpy.save numpy.savetxt numpy.loadtxt numpy.memmap logging.FileHandler
         logging.basicConfig torch.save torch.serialization.save torch.from_file numpy.fromregex numpy.genfromtxt
         numpy.savez numpy.savez_compressed numpy.tofile numpy.DataSource argparse.FileType pandas.io.common.get_handle
         torch._C.PyTorchFileReader torch._C.PyTorchFileWriter torch.onnx.export tensorflow.io.read_file
         tensorflow.io.write_file`,
      ),
      ...["Path", "PosixPath", "WindowsPath"].flatMap((path) =>
        within(
          `pathlib.${path}`,
          "unlink write_text write_bytes read_text read_bytes open rename touch mkdir rmdir chmod",
        ),
      ),
    ],
    modules: words(
      "io _io _pyio bz2 gzip lzma aifc wave mailbox netrc plistlib configparser xml numpy.lib._datasource torch.utils.tensorboard torch.utils.data.datapipes tempfile fileinput linecache tarfile zipfile sqlite3 dbm filecmp glob logging.handlers",
    ),
  },
  {
    verdict: "dangerous",
    reason: "it stops or disturbs the program that loads the file",
    names: within("builtins", "exit quit"),
    modules: words("_thread thread threading faulthandler sched test unittest pytest syslog"),
  },
  {
    verdict: "dangerous",
    reason: "it is a function of Python's own library, which no checkpoint needs to call",
    names: within(
      "builtins",
      `print map filter next iter sorted reversed enumerate zip min max sum any all len hasattr callable dir id hash repr
       ascii format chr ord hex oct bin abs pow round divmod isinstance issubclass memoryview anext aiter`,
    ),
    functionsOf: pythonLibrary,
  },
];
