"""murmur2 as Java computes it: these numbers are from Kafka's own UtilsTest."""

import pytest
from aiokafka.partitioner import murmur2

from broker.partitioner import partition_of

JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "java"), JAVA.items())
def test_partitioner_agrees_with_java(key: bytes, java: int) -> None:
    assert murmur2(key) == java % 2**32
    assert partition_of(key, 12) == (java & 0x7FFFFFFF) % 12
