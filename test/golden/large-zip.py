"""The bytes around a storage of more than 4 GiB in a file of PyTorch 2.13: what comes before and after its content.

    .oracle/bin/python -W ignore test/golden/large-zip.py

Takes 4 GiB of memory and of disk for some seconds.
"""

import json
import pathlib
import tempfile
import zipfile

import torch

HERE = pathlib.Path(__file__).parent


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "large.pt"
        large = torch.zeros(2**30 + 5)
        torch.save({"large": large, "empty": torch.ones(0), "small": torch.ones(3)}, path)
        with zipfile.ZipFile(path) as archive:
            record = archive.getinfo("large/data/0")
        with path.open("rb") as file:
            file.seek(record.header_offset + 26)
            lengths = file.read(4)
            start = record.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            file.seek(0)
            before = file.read(start)
            file.seek(start + record.file_size)
            after = file.read()
    golden = {
        "torch": torch.__version__,
        "byteLength": record.file_size,
        "crc32": record.CRC,
        "before": before.hex(),
        "after": after.hex(),
    }
    with (HERE / "large-zip.json").open("w") as target:
        json.dump(golden, target, indent=1)
        target.write("\n")


main()
