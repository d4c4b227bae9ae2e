"""Which partition a key goes to: murmur2, as Java's producer does, so that every client agrees."""

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    positive: int = murmur2(key) & 0x7FFFFFFF
    return positive % partitions
