"""Which offsets of each partition are in flight, and how far it may be committed. Pure; the consumer loop acts on it.

Only fetched offsets are tracked, so holes left by compaction and transactions need no care: a hole below the first
unfinished offset counts as finished, and one at the end once the consumer's position has passed it. Each assignment of
a partition is an epoch of its own, and a mark of one epoch is void in the next.
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from broker.ports import Partition


class OffsetMark(NamedTuple):
    """An offset in one epoch of a partition: of a record in flight, or the offset to read next."""

    partition: Partition
    epoch: int
    offset: int


class PartitionState:
    """The offsets of one assigned partition, from its assignment to its revocation."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self._tracked: deque[int] = deque()  # ascending, from the first unfinished to the last fetched
        self._finished: set[int] = set()
        self._next: int | None = None  # the offset to read next: at least one past the last fetched
        self._committed: int | None = None

    def track(self, offset: int) -> None:
        """Put a fetched offset in flight. Raises ValueError when it is below a later one."""
        if self.is_rewind(offset):
            raise ValueError(f"offset {offset} fetched out of order: expected {self._next} or higher")
        self._tracked.append(offset)
        self._next = offset + 1

    def is_rewind(self, offset: int) -> bool:
        """Return whether `offset` is below the next one expected."""
        return self._next is not None and offset < self._next

    def advance(self, offset: int) -> bool:
        """Note that reading goes on at `offset`, past what is no record; return whether it moved."""
        if offset <= (self._next or 0):
            return False
        self._next = offset
        return True

    def finish(self, offset: int) -> bool:
        """Finish an offset in flight; return False if it was finished before."""
        if not self._tracked or offset < self._tracked[0] or offset in self._finished:
            return False
        self._finished.add(offset)
        while self._tracked and self._tracked[0] in self._finished:
            self._finished.discard(self._tracked.popleft())
        return True

    @property
    def committable(self) -> int | None:
        """The first unfinished offset, or the one to read next; None if it is already committed."""
        reached = self._tracked[0] if self._tracked else self._next
        return None if reached == self._committed else reached

    def mark_committed(self, offset: int) -> None:
        """Note a committed offset; a lower one than before is ignored."""
        if self._committed is None or offset > self._committed:
            self._committed = offset

    @property
    def span(self) -> int:
        """Records from the first unfinished to the last fetched, both included."""
        return len(self._tracked)

    @property
    def in_flight(self) -> int:
        """Records fetched and not finished."""
        return len(self._tracked) - len(self._finished)


class RevokedPartition(PartitionState):
    """A partition that is not assigned: late results are ignored."""

    def track(self, offset: int) -> None:
        """Raise ValueError."""
        raise ValueError(f"offset {offset} fetched from a partition that is not assigned")

    def advance(self, offset: int) -> bool:
        """Change nothing."""
        return False

    def finish(self, offset: int) -> bool:
        """Change nothing."""
        return False

    def mark_committed(self, offset: int) -> None:
        """Change nothing."""


_REVOKED = RevokedPartition(epoch=-1)


class OffsetTracker:
    """The assigned partitions of one consumer, by epoch."""

    def __init__(self) -> None:
        self._states: dict[Partition, PartitionState] = {}
        self._epochs = 0

    def assign(self, partition: Partition) -> int:
        """Start a new epoch of `partition` and return it; marks of earlier epochs are void from here on."""
        self._epochs += 1
        self._states[partition] = PartitionState(self._epochs)
        return self._epochs

    def revoke(self, partition: Partition) -> None:
        """Stop tracking `partition`; its marks are void."""
        self._states.pop(partition, None)

    def continue_at(self, partition: Partition, offset: int) -> None:
        """Note that records were lost and `offset` is read next; a rewind is another log, and starts a new epoch.

        Otherwise the epoch goes on: what is in flight holds back the commit, so that a crash does not lose it.
        """
        if partition in self._states and self._states[partition].is_rewind(offset):
            self.assign(partition)

    def track(self, partition: Partition, offset: int) -> OffsetMark:
        """Put a record in flight. Raises ValueError when it is not assigned or out of order."""
        state = self._states.get(partition, _REVOKED)
        state.track(offset)
        return OffsetMark(partition, state.epoch, offset)

    def advance(self, positions: Mapping[Partition, int]) -> bool:
        """Note the offsets to read next; return whether one moved past what is no record."""
        moved = [self._states.get(at, _REVOKED).advance(offset) for at, offset in positions.items()]
        return any(moved)

    def finish(self, mark: OffsetMark) -> bool:
        """Finish the record of `mark`; return False for a mark of a revoked epoch or one finished before."""
        return self._state_of(mark).finish(mark.offset)

    def committable(self) -> dict[Partition, OffsetMark]:
        """Return the offset to read next of every partition where it moved since the last commit."""
        return {
            partition: OffsetMark(partition, state.epoch, offset)
            for partition, state in self._states.items()
            if (offset := state.committable) is not None
        }

    def mark_committed(self, marks: Mapping[Partition, OffsetMark]) -> None:
        """Note what the broker accepted; marks of revoked epochs are ignored, since the new epoch commits itself."""
        for mark in marks.values():
            self._state_of(mark).mark_committed(mark.offset)

    def is_current(self, mark: OffsetMark) -> bool:
        """Return whether the mark's epoch is still assigned."""
        return self._state_of(mark) is not _REVOKED

    def spans(self) -> dict[Partition, int]:
        """Return the records from the first unfinished to the last fetched of each partition, both included."""
        return {partition: state.span for partition, state in self._states.items()}

    @property
    def partitions(self) -> frozenset[Partition]:
        """The assigned partitions."""
        return frozenset(self._states)

    @property
    def in_flight(self) -> int:
        """How many records of the current epochs are fetched and not finished."""
        return sum(state.in_flight for state in self._states.values())

    def _state_of(self, mark: OffsetMark) -> PartitionState:
        state = self._states.get(mark.partition, _REVOKED)
        return state if state.epoch == mark.epoch else _REVOKED
