"""Writes allowed-globals.json: the names that torch.load(weights_only=True) lets a file use, in this PyTorch."""

import json
import pathlib

import torch
from torch import _weights_only_unpickler as unpickler

golden = {"torch": torch.__version__, "allowed": sorted(unpickler._get_allowed_globals())}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
