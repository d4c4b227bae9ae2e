"""Random numbers as a function of their index, so that a series can be generated from any point.

Only integer arithmetic and + - * / are used: the same seed gives the same market on every machine, bit for bit.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import FloatArray, IntArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class Noise:
    """A family of independent streams, keyed by `words`."""

    def __init__(self, *words: object) -> None:
        text = ":".join(map(str, words)).encode()
        self._key = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")

    def uniform(self, stream: int, index: IntArray) -> FloatArray:
        """Return numbers in [0, 1), one for each index; shape of `index`."""
        mixed = _splitmix(index.astype(np.uint64), self._key ^ (stream * 0xD1342543DE82EF95 & (1 << 64) - 1))
        return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53

    def normal(self, stream: int, index: IntArray) -> FloatArray:
        """Return numbers with mean 0, deviation 1, none beyond 3.5: the sum of four uniform ones."""
        total = sum((self.uniform(stream * 4 + k, index) for k in range(4)), start=np.zeros(index.shape))
        scaled: FloatArray = (total - 2.0) / 0.5773502691896258
        return scaled

    def one(self, stream: int) -> float:
        """Return a single number in [0, 1)."""
        return float(self.uniform(stream, np.zeros(1, np.int64))[0])


def _splitmix(index: NDArray[np.uint64], key: int) -> NDArray[np.uint64]:
    """Steele, Lea, Flood 2014: the finaliser of SplitMix64 over a Weyl sequence."""
    with np.errstate(over="ignore"):
        z = index * _GOLDEN + np.uint64(key)
        z = (z ^ (z >> np.uint64(30))) * _MIX[0]
        z = (z ^ (z >> np.uint64(27))) * _MIX[1]
        return z ^ (z >> np.uint64(31))
