"""Writes scikit-learn's handwritten digits as the four files of MNIST, and the same damaged in every way a reader must notice.

    make_digits_idx.py FOLDER

FOLDER/good holds the four files: the digits of 8 x 8 pixels, enlarged to 28 x 28, three quarters of them to learn from. Each other
folder holds them with one mistake, and in a file `expected` what the message about it has to say.
"""
import gzip
import pathlib
import shutil
import struct
import sys

import numpy as np
from sklearn.datasets import load_digits

IMAGES, LABELS = "-images-idx3-ubyte", "-labels-idx1-ubyte"


def enlarged(images, side=28):
    """Pictures in another size, between whose pixels it is interpolated (bilinear)."""
    size = images.shape[1]
    place = np.clip((np.arange(side) + 0.5) * size / side - 0.5, 0, size - 1)
    first = np.minimum(place.astype(int), size - 2)
    part = place - first
    rows = images[:, first] * (1 - part)[None, :, None] + images[:, first + 1] * part[None, :, None]
    return rows[:, :, first] * (1 - part) + rows[:, :, first + 1] * part


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def write_good(folder):
    digits = load_digits()
    order = np.random.default_rng(1).permutation(len(digits.target))
    images = np.rint(enlarged(digits.images[order]) * 255 / 16)
    labels = digits.target[order]
    count = len(labels) * 3 // 4
    for name, part in [("train", slice(None, count)), ("t10k", slice(count, None))]:
        (folder / (name + IMAGES)).write_bytes(idx(images[part]))
        (folder / (name + LABELS)).write_bytes(idx(labels[part]))


def cut_short(folder):
    path = folder / ("train" + IMAGES)
    path.write_bytes(path.read_bytes()[:-1])
    return "it is cut off"


def swapped(folder):
    images, labels = folder / ("t10k" + IMAGES), folder / ("t10k" + LABELS)
    contents = images.read_bytes(), labels.read_bytes()
    labels.write_bytes(contents[0])
    images.write_bytes(contents[1])
    return "expected 3 axes, as images have, got 1 axis, as labels have"


def wrong_magic(folder):
    path = folder / ("train" + LABELS)
    path.write_bytes(b"\x89PNG" + path.read_bytes()[4:])
    return "expected it to start with the bytes 0 0 8 1, got 137 80 78 71"


def other_counts(folder):
    shutil.copy(folder / ("t10k" + LABELS), folder / ("train" + LABELS))
    return "labels, expected one for each of the"


def compressed(folder):
    path = folder / ("train" + IMAGES)
    (folder / (path.name + ".gz")).write_bytes(gzip.compress(path.read_bytes(), 1))
    path.unlink()
    return "decompress it with gunzip first"


def eleventh_digit(folder):
    path = folder / ("train" + LABELS)
    path.write_bytes(path.read_bytes()[:-1] + b"\x0a")
    return "has the label 10 at index"


def other_size(folder):
    path = folder / ("t10k" + IMAGES)
    images = np.frombuffer(path.read_bytes()[16:], np.uint8).reshape(-1, 28, 28)
    path.write_bytes(idx(images[:, ::2, ::2]))
    return "has pictures of 14 x 14 pixels, expected 28 x 28"


def missing(folder):
    (folder / ("t10k" + IMAGES)).unlink()
    return "there is no file"


def main():
    folder = pathlib.Path(sys.argv[1])
    good = folder / "good"
    good.mkdir(parents=True)
    write_good(good)
    for damage in [cut_short, swapped, wrong_magic, other_counts, compressed, eleventh_digit, other_size, missing]:
        bad = folder / damage.__name__
        shutil.copytree(good, bad)
        (bad / "expected").write_text(damage(bad))


main()
