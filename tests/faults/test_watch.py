"""The rewind counter counts committed offsets that go back."""

from broker.memory.broker import MemoryBroker
from broker.ports import Partition
from tests.support.faults.offsets import MemoryOffsets, RewindCounter

FIRST, SECOND = Partition("t", 0), Partition("t", 1)


def test_rewind_counter_counts_only_offsets_that_go_back() -> None:
    watch = RewindCounter(MemoryOffsets(MemoryBroker()), "g")
    for committed in ({FIRST: 3}, {FIRST: 3, SECOND: 1}, {FIRST: 5}, {SECOND: 0}, {FIRST: 4}):
        watch.record("g", committed)
    assert watch.rewinds == 2


def test_rewind_counter_separates_groups() -> None:
    watch = RewindCounter(MemoryOffsets(MemoryBroker()), "g", "h")
    watch.record("g", {FIRST: 3})
    watch.record("h", {FIRST: 1})
    assert watch.rewinds == 0
