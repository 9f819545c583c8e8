"""Makes a checkpoint of 163 safetensors files, 90 000 tensors and 1 TB that takes some megabytes of disk.

    python bench/shards/make.py FOLDER

The names and dtypes follow DeepSeek-V3 (61 layers, 256 experts, float8 weights with a float32 scale for each block);
the sizes are chosen so that the whole has 1 TB. Headers are real, the weights are holes in sparse files.
"""

import json
import math
import pathlib
import struct
import sys

SHARDS = 163
LAYERS = 61
EXPERTS = 243
HIDDEN = 8704
INNER = 2560


def tensors():
    """Names, dtypes and shapes in the order of the layers."""
    yield "model.embed_tokens.weight", "BF16", [129280, HIDDEN]
    for layer in range(LAYERS):
        base = f"model.layers.{layer}"
        yield f"{base}.input_layernorm.weight", "BF16", [HIDDEN]
        yield f"{base}.post_attention_layernorm.weight", "BF16", [HIDDEN]
        attention = {"q_a_proj": (1536, HIDDEN), "q_b_proj": (24576, 1536), "kv_a_proj_with_mqa": (576, HIDDEN),
                     "kv_b_proj": (32768, 512), "o_proj": (HIDDEN, 16384)}
        for name, shape in attention.items():
            yield from quantized(f"{base}.self_attn.{name}", shape)
        yield f"{base}.self_attn.q_a_layernorm.weight", "BF16", [1536]
        yield f"{base}.self_attn.kv_a_layernorm.weight", "BF16", [512]
        for name, shape in mlp().items():
            yield from quantized(f"{base}.mlp.shared_experts.{name}", shape)
        yield f"{base}.mlp.gate.weight", "BF16", [EXPERTS, HIDDEN]
        yield f"{base}.mlp.gate.e_score_correction_bias", "F32", [EXPERTS]
        for expert in range(EXPERTS):
            for name, shape in mlp().items():
                yield from quantized(f"{base}.mlp.experts.{expert}.{name}", shape)
    yield "model.norm.weight", "BF16", [HIDDEN]
    yield "lm_head.weight", "BF16", [129280, HIDDEN]


def mlp():
    return {"gate_proj": (INNER, HIDDEN), "up_proj": (INNER, HIDDEN), "down_proj": (HIDDEN, INNER)}


def quantized(name, shape):
    yield f"{name}.weight", "F8_E4M3", list(shape)
    yield f"{name}.weight_scale_inv", "F32", [math.ceil(size / 128) for size in shape]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    width = {"F8_E4M3": 1, "BF16": 2, "F32": 4}
    rows = [(name, dtype, shape, math.prod(shape) * width[dtype]) for name, dtype, shape in tensors()]
    total = sum(row[3] for row in rows)
    weight_map, at = {}, 0
    for number in range(1, SHARDS + 1):
        file = f"model-{number:05}-of-{SHARDS:06}.safetensors"
        header, end = {"__metadata__": {"format": "pt"}}, 0
        while at < len(rows) and (end < total / SHARDS or number == SHARDS):
            name, dtype, shape, size = rows[at]
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
            weight_map[name] = file
            end += size
            at += 1
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(folder / file, "wb") as shard:
            shard.write(struct.pack("<Q", len(text)) + text)
            shard.truncate(8 + len(text) + end)
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
    print(f"{len(rows)} tensors, {total / 1e12:.3f} TB, {SHARDS} files")


main(pathlib.Path(sys.argv[1]))
