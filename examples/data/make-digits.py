"""Makes digits.npz of the digits that scikit-learn ships, the test set of the "Optical Recognition of Handwritten Digits".

    python3 examples/data/make-digits.py

Needs scikit-learn and numpy; see README.md.
"""

import pathlib

import numpy
from sklearn.datasets import load_digits

digits = load_digits()
target = pathlib.Path(__file__).with_name("digits.npz")
numpy.savez_compressed(target, images=digits.images.astype(numpy.uint8), labels=digits.target.astype(numpy.uint8))
print(f"{target.name}: {len(digits.images)} images, {target.stat().st_size} bytes")
