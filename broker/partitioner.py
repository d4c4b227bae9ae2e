"""The partition of a key: murmur2, as in Java's producer, so that all clients agree."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=32_768)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition number of `key`."""
    positive: int = murmur2(key) & 0x7FFFFFFF
    return positive % partitions
