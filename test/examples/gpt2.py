"""Makes GPT-2 files with the transformers library in a folder, and prints the logits that PyTorch gives for some tokens.

    .oracle/bin/python -W ignore test/examples/gpt2.py FOLDER
"""

import json
import pathlib
import sys

import torch
from transformers import GPT2Config, GPT2LMHeadModel

folder = pathlib.Path(sys.argv[1])
tokens = torch.tensor([[464, 2068, 7586, 21831, 11687]])
torch.manual_seed(0)
model = GPT2LMHeadModel(GPT2Config()).eval()
model.save_pretrained(folder)
torch.save(model.state_dict(), folder / "state.pt")
with torch.no_grad():
    last = model(tokens).logits[0, -1]
values, indices = last.topk(5)
json.dump({"tokens": tokens.tolist(), "logits": last.tolist(), "values": values.tolist(), "next": indices.tolist()}, sys.stdout)
