"""Lists a checkpoint of 163 files, 90 283 tensors and 1 TB as whole processes: parascope, safetensors from Python.

    npm run build && python bench/shards/list.py [--runs 7]

Needs safetensors. The files are sparse and take 20 MB. The sides take turns; printed are the median and the smallest
time, the median of the processor's (which other programs disturb less), and the largest peak memory.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMMAND = HERE.parents[1] / "dist/bin/parascope.js"

SAFETENSORS = """
import json, os, sys
from safetensors import safe_open
folder = sys.argv[1]
index = json.load(open(os.path.join(folder, "model.safetensors.index.json")))
for name in sorted(set(index["weight_map"].values())):
    with safe_open(os.path.join(folder, name), "np") as file:
        for key in file.keys():
            part = file.get_slice(key)
            print(key, part.get_shape(), part.get_dtype())
"""


def run(command):
    """Seconds, those of the processor, and peak memory in MB of one process, from its start to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        sys.exit(f"{command} failed")
    # Linux counts in KiB, macOS in bytes.
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, memory


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=7)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="parascope-bench-") as folder:
        subprocess.run([sys.executable, HERE / "make.py", folder], check=True)
        sides = {
            "parascope": ["node", COMMAND, folder],
            "parascope --tree": ["node", COMMAND, folder, "--tree"],
            "parascope --json": ["node", COMMAND, folder, "--json"],
            "safetensors from Python": [sys.executable, "-c", SAFETENSORS, folder],
        }
        measured = {name: [] for name in sides}
        for _ in range(runs + 1):
            for name, side in sides.items():
                measured[name].append(run(side))
        print("| side | median | smallest | processor | peak memory |\n|---|---|---|---|---|")
        for name, results in measured.items():
            seconds, processor, memory = zip(*results[1:])
            print(
                f"| {name} | {statistics.median(seconds):.2f} s | {min(seconds):.2f} s"
                f" | {statistics.median(processor):.2f} s | {max(memory):.0f} MB |"
            )


main()
