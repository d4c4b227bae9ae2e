"""The broker as the rest of the house sees it: Kafka's ideas, and no client's.

Two adapters keep this contract, `kafka.py` and `memory.py`; one suite (`tests/contract/`) runs on both.
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
    """What is put on a topic. Without a key it lands on any partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What is read from a topic: a message and where it stands."""

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

    def sent_at_or(self, otherwise: datetime) -> datetime:
        """The sender's word, if it is a time at all: anybody may publish, with any clock."""
        try:
            return from_ms(self.timestamp_ms) if self.timestamp_ms > 0 else otherwise
        except (ValueError, OverflowError):
            return otherwise


class DeliveryUnknown(Transient):
    """A send was not acknowledged in time: it may have been taken, or may yet be. Never say *failed*."""


class CommitRefused(StrandlineError):
    """The partitions are no longer ours; somebody else will do the work again."""


class RecordsLost(StrandlineError):
    """Records were removed by retention before this reader got to them. Loud, because nothing may vanish silently.

    Or the topic was truncated, or made anew. `partition` is read on from the offset `reading_on`, which may be lower.
    """

    def __init__(self, partition: Partition, reading_on: int, told: str) -> None:
        super().__init__(told)
        self.partition = partition
        self.reading_on = reading_on


class MessageTooLarge(StrandlineError):
    """The broker will never take this message."""


class Edge(Enum):
    """Where to begin a read without a group."""

    BEGINNING = "beginning"
    END = "end"


Lag = Mapping[str, Mapping[Partition, int]]
"""Records that are published and not committed, by group and partition."""


def compute_lag(committed: int | None, first: int, end: int) -> int:
    """How many records are still before a group that committed `committed`, in a log from `first` to before `end`."""
    return max(0, end - max(first, committed or 0))


class RebalanceListener(Protocol):
    """Told of changes; `poll` must be called for them to come, but they may come while it is not running.

    Everything is revoked before anything is assigned (rebalances are eager), and both calls finish before a record of
    the new assignment comes. Leaving the group revokes nothing: whoever leaves knows. What a call raises, `poll` does.
    """

    async def on_assigned(self, partitions: Sequence[Partition]) -> None:
        """All that is ours now; it may be nothing."""
        ...

    async def on_revoked(self, partitions: Sequence[Partition]) -> None:
        """They may already be another's: a commit from in here can be refused, and that is no fault."""
        ...


class Consumer(Protocol):
    """A member of a group. Only one task may poll it."""

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """At most `max_records` of the partitions that are not paused; empty when `timeout` seconds passed.

        Raises RecordsLost where retention overtook the group's position, once: the next poll goes on with what is left.
        Raises Transient while the broker is away. Must be called again within `max_poll_interval`, all paused or not.
        """
        ...

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Until `resume`, or until they are revoked. Partitions that are not ours are passed over."""
        ...

    def resume(self, partitions: Iterable[Partition]) -> None: ...

    async def lag(self) -> Mapping[Partition, int]:
        """Records of each partition that is ours and not committed by the group. Raises Transient."""
        ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Say which offset to read next, per partition. Raises CommitRefused, or Transient (try again)."""
        ...


class Reader(Protocol):
    """A view of whole topics without a group; it commits nothing and disturbs nobody."""

    def __aiter__(self) -> AsyncIterator[Record]: ...

    async def is_caught_up(self) -> bool:
        """Whether everything that stood on the topics when it was opened has been read.

        If it has not, the next record is there or on its way: it is safe to wait for it. Waits while that is not known.
        """
        ...


class Broker(Protocol):
    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        """Return the record once the broker has it for good. (Offset -1: it had long had it, and forgot where.)

        Raises DeliveryUnknown when `timeout` seconds (default: the broker's setting) pass without word, Transient
        when it surely was not taken and may be tried again, MessageTooLarge.
        """
        ...

    def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AbstractAsyncContextManager[Consumer]:
        """Join `group`; a group without a committed offset begins at the beginning."""
        ...

    def read(self, topics: Sequence[str], start: Edge | datetime) -> AbstractAsyncContextManager[Reader]:
        """Open a reader. Its position is fixed on entry: what is published after that is sure to be seen."""
        ...

    async def create_topics(
        self, topics: Sequence[Topic], *, partitions: int, replication: int
    ) -> Sequence[str]:
        """Create those that are missing and name them. Idempotent, safe to run at once from several places."""
        ...

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        """Delete, for good, what lies below these offsets. Raises Transient; what is gone by then stays gone."""
        ...

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        """How far each group is behind on its topics; those that do not exist are left out. Raises Transient.

        Of the `optional` groups those that have committed nothing are left out: nobody runs them.
        """
        ...

    async def is_reachable(self, timeout: float) -> bool: ...

    async def close(self) -> None:
        """Bounded in time, whatever state the broker is in."""
        ...
