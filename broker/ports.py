"""The broker as a port: Kafka's concepts, without those of a client library.

Two adapters implement it, `broker/kafka` and `broker/memory`; one contract suite (`tests/contract/`) runs on both.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from runtime.errors import StrandlineError, Transient
from schemas.topics import Topic
from schemas.values import from_ms

Headers = tuple[tuple[str, bytes], ...]


class Partition(NamedTuple):
    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message to publish. Without a key it goes to any partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A message read from a topic, with its position."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int

    @property
    def source(self) -> Partition:
        return Partition(self.topic, self.partition)

    def sent_at_or(self, default: datetime) -> datetime:
        """Return the record's timestamp; `default` where it is no valid time, since publishers set it freely."""
        try:
            return from_ms(self.timestamp_ms) if self.timestamp_ms > 0 else default
        except (ValueError, OverflowError):
            return default


class DeliveryUnknown(Transient):
    """A send was not acknowledged in time: the broker may have it already, or may still receive it. Not a failure."""


class CommitRefused(StrandlineError):
    """The partitions are assigned to another member, which will process the records again."""


class RecordsLost(StrandlineError):
    """Retention removed records before they were read, or the topic was truncated or created again.

    Reading of `partition` continues at `next_offset`, which may be lower than before.
    """

    def __init__(self, partition: Partition, next_offset: int, message: str) -> None:
        super().__init__(message)
        self.partition = partition
        self.next_offset = next_offset


class MessageTooLarge(StrandlineError):
    """The message is above the broker's size limit; a retry cannot succeed."""


class Edge(Enum):
    """Where a read without a group starts."""

    BEGINNING = "beginning"
    END = "end"


Lag = Mapping[str, Mapping[Partition, int]]
"""Records published and not committed, by group and partition."""

OldestUncommitted = Mapping[str, Mapping[Partition, int]]
"""Publication time (ms) of the oldest record published and not committed, by group and partition."""


def compute_lag(committed: int | None, first: int, end: int) -> int:
    """Return how many records a group has not committed in a log that holds offsets `first` to before `end`."""
    return max(0, end - max(first, committed or 0))


class RebalanceListener(Protocol):
    """Callbacks of rebalances. They need `poll` to be called, but may run between two polls.

    Rebalances are eager: everything is revoked before anything is assigned, and both calls finish before `poll`
    returns a record of the new assignment. Leaving the group calls neither. `poll` raises what a callback raised.
    """

    async def on_assigned(self, partitions: Sequence[Partition]) -> None:
        """Receive all partitions assigned now; there may be none."""
        ...

    async def on_revoked(self, partitions: Sequence[Partition]) -> None:
        """Receive the revoked partitions. They may already have a new owner, so a commit in here may be refused."""
        ...


class Consumer(Protocol):
    """A member of a group. One task at a time may poll it."""

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Return at most `max_records` of partitions that are not paused; none after `timeout` seconds.

        Raises RecordsLost once where retention passed the group's position: the next poll continues with what is left.
        Raises Transient while the broker is away. Call it within `max_poll_interval`, even with all partitions paused.
        """
        ...

    def positions(self) -> Mapping[Partition, int]:
        """Return the offset to read next of assigned partitions whose fetched records `poll` has all returned.

        It passes what is no record for a reader: control records of transactions, and records that were aborted.
        """
        ...

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Pause until `resume` or revocation. Partitions that are not assigned are ignored."""
        ...

    def resume(self, partitions: Iterable[Partition]) -> None: ...

    async def lag(self) -> Mapping[Partition, int]:
        """Return the uncommitted records of each assigned partition. Raises Transient."""
        ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit the offset to read next, per partition. Raises CommitRefused, or Transient (retry)."""
        ...


class Reader(Protocol):
    """Reads whole topics without a group; it commits nothing."""

    def __aiter__(self) -> AsyncIterator[Record]: ...

    async def is_caught_up(self) -> bool:
        """Return whether every record that was on the topics at opening has been read.

        If not, the next record exists and can be awaited. Waits while this is unknown.
        """
        ...


class Broker(Protocol):
    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        """Return the record once the broker acknowledged it. (Offset -1: an old duplicate, whose offset is unknown.)

        Raises DeliveryUnknown without an acknowledgement within `timeout` seconds (default: the broker's setting),
        Transient when the message was certainly not written and may be retried, MessageTooLarge.
        """
        ...

    def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AbstractAsyncContextManager[Consumer]:
        """Join `group`; a group without a committed offset starts at the beginning."""
        ...

    def read(self, topics: Sequence[str], start: Edge | datetime) -> AbstractAsyncContextManager[Reader]:
        """Open a reader. Its position is fixed on entry: every record published later is read."""
        ...

    async def create_topics(
        self, topics: Sequence[Topic], *, partitions: int, replication: int
    ) -> Sequence[str]:
        """Create the missing topics and return their names. Idempotent, safe to run concurrently."""
        ...

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        """Delete all records below these offsets. Raises Transient; what was deleted by then stays deleted."""
        ...

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        """Return the lag of each group on its topics; topics that do not exist are left out. Raises Transient.

        Groups in `optional` are left out while they have committed nothing, since no role of theirs runs.
        """
        ...

    async def oldest_uncommitted(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> OldestUncommitted:
        """Return when the oldest uncommitted record of each partition was published, by its timestamp (ms).

        Partitions without lag are left out, and those whose record cannot be read soon. Raises Transient.
        """
        ...

    async def is_reachable(self, timeout: float) -> bool: ...

    async def close(self) -> None:
        """Close in bounded time, in any state of the broker."""
        ...
