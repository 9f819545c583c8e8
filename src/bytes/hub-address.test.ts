import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { type HubAddress, parseHubAddress } from "./hub-address.ts";

const gpt2: HubAddress = { type: "model", repo: "openai-community/gpt2", revision: null, file: null };

describe("an hf:// address", () => {
  it.each<[string, Partial<HubAddress>]>([
    ["hf://openai-community/gpt2", {}],
    ["HF://openai-community/gpt2/", {}],
    ["hf://models/openai-community/gpt2", {}],
    ["hf://openai-community/gpt2/model.safetensors", { file: "model.safetensors" }],
    ["hf://openai-community/gpt2/onnx/decoder model.onnx", { file: "onnx/decoder model.onnx" }],
    ["hf://openai-community/gpt2@main", { revision: "main" }],
    ["hf://openai-community/gpt2@v1.0/a/b.pt", { revision: "v1.0", file: "a/b.pt" }],
    ["hf://openai-community/gpt2@refs/pr/12/a.pt", { revision: "refs/pr/12", file: "a.pt" }],
    ["hf://openai-community/gpt2@refs/pr/12", { revision: "refs/pr/12" }],
    ["hf://openai-community/gpt2@refs/convert/parquet/a", { revision: "refs/convert/parquet", file: "a" }],
    ["hf://openai-community/gpt2@feature%2Fx/a.pt", { revision: "feature/x", file: "a.pt" }],
    ["hf://openai-community/gpt2/a@b.pt", { file: "a@b.pt" }],
    ["hf://datasets/me/set/a.pt", { type: "dataset", repo: "me/set", file: "a.pt" }],
    ["hf://spaces/me/app", { type: "space", repo: "me/app" }],
  ])("reads %s", (address, expected) => {
    expect(parseHubAddress(address)).toEqual({ ...gpt2, ...expected });
  });

  it.each<[string, string]>([
    ["hf://gpt2", "does not name an owner and a repository"],
    ["hf://", "does not name an owner and a repository"],
    ["hf://datasets/squad", "does not name an owner and a repository"],
    ["hf://a/b c", "does not name an owner and a repository"],
    ["hf://../b", "does not name an owner and a repository"],
    ["hf://a/..", "does not name an owner and a repository"],
    ["hf://a/b@", 'its revision is ""'],
    ["hf://a/b@/x.pt", 'its revision is ""'],
    ["hf://a/b@..%2F..%2Fapi/x.pt", 'its revision is "..%2F..%2Fapi"'],
    ["hf://a/b@%zz/x.pt", 'its revision is "%zz"'],
    ["hf://a/b/../../api/x", 'its file is "../../api/x"'],
    ["hf://a/b//x", 'its file is "/x"'],
    ["https://huggingface.co/a/b", "does not begin with hf://"],
  ])("refuses %s as a wrong call", (address, text) => {
    expect(() => parseHubAddress(address)).toThrow(UsageError);
    expect(() => parseHubAddress(address)).toThrow(text);
  });
});
