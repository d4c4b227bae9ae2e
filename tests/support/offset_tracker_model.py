"""The tracker of offsets beside a model too plain to be wrong; every step checks what must always hold."""

from collections.abc import Callable
from typing import TypeVar

from broker.consumer.offsets import OffsetMark, OffsetTracker
from broker.ports import Partition

T = TypeVar("T")

PARTITIONS = (Partition("t", 0), Partition("t", 1))


class LedgerModel:
    """Knows every offset fetched in the current epoch of each partition, whether it is done, and what the broker has.

    Each step takes a number and makes of it whatever choice it has to make, so that any stream of numbers is a run.
    """

    def __init__(self) -> None:
        self.tracker = OffsetTracker()
        self.broker = dict.fromkeys(PARTITIONS, 0)
        self._epochs: dict[Partition, int] = {}
        self._done: dict[Partition, dict[int, bool]] = {}
        self._position: dict[Partition, int] = {}
        self._marks: list[OffsetMark] = []
        self._on_their_way: list[dict[Partition, OffsetMark]] = []

    @property
    def steps(self) -> tuple[Callable[[int], None], ...]:
        # Fetching and finishing more often than the rest, or no run would get anywhere.
        often = (self.fetch, self.fetch, self.fetch, self.finish, self.finish, self.finish)
        return (
            *often,
            self.advance,
            self.assign,
            self.revoke,
            self.fail,
            self.send_commit,
            self.commit_arrives,
        )

    def assign(self, number: int) -> None:
        partition = PARTITIONS[number % len(PARTITIONS)]
        self._epochs[partition] = self.tracker.assign(partition)
        self._done[partition] = {}
        self._position[partition] = self.broker[partition]

    def revoke(self, number: int) -> None:
        if self._epochs:
            partition = _chosen(list(self._epochs), number)
            self.tracker.revoke(partition)
            del self._epochs[partition], self._done[partition], self._position[partition]

    def fetch(self, number: int) -> None:
        if self._epochs:
            partition = _chosen(list(self._epochs), number)
            hole = number % 5 // 3 * 2  # compaction and transactions leave some
            offset = self._position[partition] + hole
            self._marks.append(self.tracker.track(partition, offset))
            self._done[partition][offset] = False
            self._position[partition] = offset + 1

    def advance(self, number: int) -> None:
        """The consumer's position passes control records, or stands where it did."""
        if self._epochs:
            partition = _chosen(list(self._epochs), number)
            before, after = self._position[partition], self._position[partition] + number % 4
            moved = after > 0 and (after > before or not self._done[partition])
            assert self.tracker.advance({partition: after}) in {moved, after > before}
            self._position[partition] = after

    def finish(self, number: int) -> None:
        if self._marks:
            mark = _chosen(self._marks, number)
            mine = self._epochs.get(mark.partition) == mark.epoch
            assert self.tracker.finish(mark) is (mine and not self._done[mark.partition][mark.offset])
            if mine:
                self._done[mark.partition][mark.offset] = True

    def fail(self, number: int) -> None:
        """A failed record is never finished: nothing from it on is committed before another epoch does it again."""
        if self._marks:
            self._marks.pop(number % len(self._marks))

    def send_commit(self, number: int) -> None:
        self._on_their_way.append(self.tracker.committable())

    def commit_arrives(self, number: int) -> None:
        """The broker takes a commit of the epoch that is current there, and no other."""
        if self._on_their_way:
            marks = self._on_their_way.pop(number % len(self._on_their_way))
            for partition, mark in marks.items():
                if self.tracker.is_current(mark):
                    assert self._epochs[partition] == mark.epoch, "finished in a revoked epoch, yet committed"
                    self._passes_nothing_unfinished(mark)
                    self.broker[partition] = max(self.broker[partition], mark.offset)
            self.tracker.mark_committed(marks)

    def check(self) -> None:
        """The invariants."""
        for partition, mark in self.tracker.committable().items():
            assert mark.epoch == self._epochs[partition]
            self._passes_nothing_unfinished(mark)
            assert mark.offset == min(self._unfinished(partition), default=self._position[partition])
        assert self.tracker.partitions == self._epochs.keys()
        assert self.tracker.in_flight == sum(len(self._unfinished(partition)) for partition in self._epochs)
        assert self.tracker.spans() == {partition: self._span(partition) for partition in self._epochs}

    def _passes_nothing_unfinished(self, mark: OffsetMark) -> None:
        assert not [offset for offset in self._unfinished(mark.partition) if offset < mark.offset]

    def _unfinished(self, partition: Partition) -> list[int]:
        return [offset for offset, done in self._done[partition].items() if not done]

    def _span(self, partition: Partition) -> int:
        first = min(self._unfinished(partition), default=None)
        return 0 if first is None else sum(offset >= first for offset in self._done[partition])


def _chosen(among: list[T], number: int) -> T:
    return among[number % len(among)]
