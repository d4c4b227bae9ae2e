"""The offset watch counts committed offsets that go back, and nothing else."""

from broker.memory.broker import MemoryBroker
from broker.ports import Partition
from tests.support.faults.offsets import MemoryOffsets, RewindCounter

FIRST, SECOND = Partition("t", 0), Partition("t", 1)


def test_offset_watch_counts_only_offsets_that_go_back() -> None:
    watch = RewindCounter(MemoryOffsets(MemoryBroker()), "g")
    for committed in ({FIRST: 3}, {FIRST: 3, SECOND: 1}, {FIRST: 5}, {SECOND: 0}, {FIRST: 4}):
        watch.saw("g", committed)
    assert watch.rewound == 2


def test_offset_watch_keeps_groups_apart() -> None:
    watch = RewindCounter(MemoryOffsets(MemoryBroker()), "g", "h")
    watch.saw("g", {FIRST: 3})
    watch.saw("h", {FIRST: 1})
    assert watch.rewound == 0
