"""What of each partition is in flight, and how far it may be committed. Pure; the loop acts on what it says.

Only offsets that were fetched are tracked, so holes left by compaction and transactions need no care: a hole below
the first unfinished offset counts as done. Each assignment of a partition is an epoch of its own, and a mark made in
one means nothing in the next.
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from broker.ports import Partition


class OffsetMark(NamedTuple):
    """A place in one epoch of a partition: of a record in flight, or of the offset to read next."""

    partition: Partition
    epoch: int
    offset: int


class PartitionState:
    """A partition that is ours, from its assignment to its revocation."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self._tracked: deque[int] = deque()  # ascending, from the first unfinished to the last fetched
        self._done: set[int] = set()
        self._next: int | None = None  # one past the last fetched
        self._committed: int | None = None

    def fetched(self, offset: int) -> None:
        if self.goes_back(offset):
            raise ValueError(f"offset {offset} came after later ones: {self._next} was to be next")
        self._tracked.append(offset)
        self._next = offset + 1

    def goes_back(self, offset: int) -> bool:
        return self._next is not None and offset < self._next

    def finish(self, offset: int) -> bool:
        if not self._tracked or offset < self._tracked[0] or offset in self._done:
            return False
        self._done.add(offset)
        while self._tracked and self._tracked[0] in self._done:
            self._done.discard(self._tracked.popleft())
        return True

    @property
    def committable(self) -> int | None:
        """The first unfinished offset, or the one after the last fetched; None if that is committed already."""
        reached = self._tracked[0] if self._tracked else self._next
        return None if reached == self._committed else reached

    def committed(self, offset: int) -> None:
        if self._committed is None or offset > self._committed:
            self._committed = offset

    @property
    def span(self) -> int:
        return len(self._tracked)

    @property
    def unfinished(self) -> int:
        return len(self._tracked) - len(self._done)


class RevokedPartition(PartitionState):
    """A partition that is another's, or nobody's: what comes late is absorbed and changes nothing."""

    def fetched(self, offset: int) -> None:
        raise ValueError(f"offset {offset} fetched from a partition that is not assigned")

    def finish(self, offset: int) -> bool:
        return False

    def committed(self, offset: int) -> None:
        return None


_REVOKED = RevokedPartition(epoch=-1)


class OffsetTracker:
    """Every assigned partition of one consumer, by epoch."""

    def __init__(self) -> None:
        self._owned: dict[Partition, PartitionState] = {}
        self._epochs = 0

    def assign(self, partition: Partition) -> int:
        """Begin a new epoch of `partition` and return it; marks of earlier ones are void from here on."""
        self._epochs += 1
        self._owned[partition] = PartitionState(self._epochs)
        return self._epochs

    def revoke(self, partition: Partition) -> None:
        self._owned.pop(partition, None)

    def reading_on(self, partition: Partition, offset: int) -> None:
        """Records were lost, and `offset` is read next. Where that goes back it is another log, and a new epoch.

        Where it does not the epoch goes on: what is in flight holds back the commit, lest a crash lose it silently.
        """
        if partition in self._owned and self._owned[partition].goes_back(offset):
            self.assign(partition)

    def fetched(self, partition: Partition, offset: int) -> OffsetMark:
        """Put a record in flight. Raises ValueError when it is not assigned, or comes out of order."""
        state = self._owned.get(partition, _REVOKED)
        state.fetched(offset)
        return OffsetMark(partition, state.epoch, offset)

    def finish(self, mark: OffsetMark) -> bool:
        """Whether that changed anything: not for a mark of a revoked epoch, nor twice."""
        return self._at(mark).finish(mark.offset)

    def committable(self) -> dict[Partition, OffsetMark]:
        """The offset to read next of every partition where it moved since the last commit."""
        return {
            partition: OffsetMark(partition, state.epoch, offset)
            for partition, state in self._owned.items()
            if (offset := state.committable) is not None
        }

    def committed(self, marks: Mapping[Partition, OffsetMark]) -> None:
        """Note what the broker took. A mark of a revoked epoch is absorbed: the new one must say so itself."""
        for mark in marks.values():
            self._at(mark).committed(mark.offset)

    def current(self, mark: OffsetMark) -> bool:
        """Whether the mark's epoch is still ours."""
        return self._at(mark) is not _REVOKED

    def spans(self) -> dict[Partition, int]:
        """Records between the first unfinished and the last fetched of each partition, both included."""
        return {partition: state.span for partition, state in self._owned.items()}

    @property
    def partitions(self) -> frozenset[Partition]:
        return frozenset(self._owned)

    @property
    def in_flight(self) -> int:
        """How many records of the current epochs are fetched and not finished."""
        return sum(state.unfinished for state in self._owned.values())

    def _at(self, mark: OffsetMark) -> PartitionState:
        state = self._owned.get(mark.partition, _REVOKED)
        return state if state.epoch == mark.epoch else _REVOKED
