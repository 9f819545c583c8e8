import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verdictRules } from "./verdict-rules.ts";
import { judge } from "./verdict.ts";
import { processorTime } from "../../test/processor-time.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/allowed-globals.json", import.meta.url), "utf8"),
) as { allowed: string[] };

describe("the verdict on a name", () => {
  it("allows exactly what torch.load(weights_only=True) allows", () => {
    const ours = verdictRules
      .filter(({ verdict }) => verdict === "allowed")
      .flatMap(({ names }) => names ?? []);
    expect([...ours].sort()).toEqual(golden.allowed);
  });

  // prettier-ignore
  it.each<[string, string, string]>([
    ["torch._utils", "_rebuild_tensor_v2", "allowed"],
    ["collections", "OrderedDict", "allowed"],
    ["collections", "defaultdict", "known"],
    ["numpy._core.multiarray", "_reconstruct", "known"],
    ["torch.nn.modules.linear", "Linear", "known"],
    ["torch.nn.modules.linear", "os.system", "dangerous"],
    ["torch.nn.modules.module", "warnings", "unknown"],
    ["torch.optim.adam", "Adam", "known"],
    ["__torch__.torch.nn.modules.linear", "Linear", "known"],
    ["torch._dynamo.decorators", "_DimRange", "known"],
    ["torch._dynamo.decorators", "mark_static", "dangerous"],
    ["torch.nested._internal.nested_tensor", "_rebuild_njt", "known"],
    ["__main__", "Net", "unknown"],
    ["torch", "_utils", "unknown"],
    ["copyreg", "extension 3", "unknown"],
    ["builtins", "eval", "dangerous"],
    ["builtins", "getattr", "dangerous"],
    ["builtins", "print", "dangerous"],
    ["builtins", "int.__subclasses__", "dangerous"],
    ["builtins", "exec.__call__", "dangerous"],
    ["torch.storage", "_load_from_bytes.__call__", "dangerous"],
    ["json", "loads", "dangerous"],
    ["string", "Formatter.get_field", "dangerous"],
    ["pathlib", "PosixPath.write_text", "dangerous"],
    ["torch.nn.modules.module", "warnings.sys", "dangerous"],
    ["enum", "Enum", "known"],
    ["logging", "Logger", "unknown"],
    ["math", "sqrt", "known"],
    ["math", "nextafter", "dangerous"],
    ["mathematics", "sqrt", "unknown"],
    ["__main__", "Net.code", "unknown"],
    ["__main__", "Net.print", "unknown"],
    ["torch", `${"nn.functional.torch.".repeat(11)}serialization.os.system`, "dangerous"],
    ["omegaconf.dictconfig", "DictConfig", "known"],
    ["torch.distributed.checkpoint.metadata", "Metadata", "known"],
    ["torch.distributed.checkpoint.filesystem", "FileSystemReader", "unknown"],
    ["os", "system", "dangerous"],
    ["os.path", "join", "dangerous"],
    ["posix", "system", "dangerous"],
    ["subprocess", "Popen.__init__", "dangerous"],
    ["torch", "serialization.os.system", "dangerous"],
    ["collections", "__builtins__.eval", "dangerous"],
    ["torch.storage", "_load_from_bytes", "dangerous"],
    ["torch._inductor.codecache", "compile_file", "dangerous"],
    ["numpy.testing._private.utils", "runstring", "dangerous"],
    ["asyncio.unix_events", "_UnixSubprocessTransport._start", "dangerous"],
    ["оs", "system", "dangerous"],
    ["ｏｓ", "system", "dangerous"],
    ["os\u200b", "system", "dangerous"],
    ["модель", "Сеть", "unknown"],
    ["?", "?", "dangerous"],
    ["osmium", "read", "unknown"],
    ["", "", "unknown"],
    ["__proto__", "constructor", "unknown"],
  ])("of %j %j is %s", (module, name, verdict) => {
    expect(judge(module, name)).toEqual({ verdict, reason: expect.stringMatching(/^[^\n]{15,160}[^.]$/) });
  });

  it("is given at once for a name of a million dots", () => {
    const started = processorTime();
    expect(judge("a.".repeat(1e6), "b.".repeat(1e6)).verdict).toBe("dangerous");
    expect(processorTime() - started).toBeLessThan(1000);
  });
});
