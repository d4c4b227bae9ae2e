"""A group member on Kafka.

aiokafka reports rebalances from its own task, at any time. This adapter reports an assignment to the listener before
`poll` returns a record of it, and ends every commit with the assignment it was made under.
"""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from broker.kafka.errors import describe_error, to_commit_error, to_poll_error
from broker.kafka.offset_fetch import raise_group_errors
from broker.kafka.options import Options
from broker.kafka.predecessor import remove_predecessors
from broker.kafka.records import (
    build_loss_error,
    build_topic_recreated,
    to_partitions,
    to_records,
    to_topic_partitions,
)
from broker.kafka.shutdown import stop_consumer
from broker.kafka.topic_ids import TopicIds
from broker.ports import CommitRefused, Partition, RebalanceListener, Record, RecordsLost, compute_lag
from runtime.errors import Transient

_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
_GRACE_SECONDS = 0.5  # past its timeout, `getmany` is only ever waiting for a rebalance to end


class KafkaConsumer:
    """Connects on the first poll, and reconnects after an error that aiokafka does not survive."""

    def __init__(self, options: Options, topics: Sequence[str], listener: RebalanceListener) -> None:
        self._options = options
        # A commit during revocation must end well before the group stops waiting for this member.
        self._commit_seconds: float = options["session_timeout_ms"] / 3_000
        self._topics = topics
        self._listener = listener
        self._consumer: AIOKafkaConsumer | None = None
        self._held: frozenset[Partition] = frozenset()  # as last reported to the listener
        self._fetched: deque[Record] = deque()
        self._lost: deque[RecordsLost] = deque()
        self._topic_ids = TopicIds(topics, options["metadata_max_age_ms"] / 1_000)
        self._rebalancing = False
        self._commits: set[asyncio.Task[None]] = set()
        self._listener_error: Exception | None = None

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Return records of the reported assignment. Raises what the listener raised, RecordsLost, Transient."""
        consumer = await self._connect()
        if recreated := await self._topic_ids.find_recreated(consumer):
            await self._restart(consumer, recreated)
        if self._lost:
            raise self._lost.popleft()
        if not self._fetched:
            self._fetched.extend(to_records(await self._getmany(consumer, max_records, timeout)))
        if self._listener_error is not None:
            error, self._listener_error = self._listener_error, None
            raise error
        if self._rebalancing:
            return []  # they wait until the listener has the new assignment
        return [self._fetched.popleft() for _ in range(min(max_records, len(self._fetched)))]

    def positions(self) -> Mapping[Partition, int]:
        """Return the offsets to read next, once `poll` has returned all that was fetched."""
        consumer = self._consumer
        if consumer is None or self._fetched or self._rebalancing:
            return {}
        return {at: offset for at in self._held if (offset := _read_position(consumer, at)) is not None}

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Pause assigned partitions."""
        if self._consumer is not None:
            self._consumer.pause(*to_topic_partitions(self._held.intersection(partitions)))

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Resume assigned partitions."""
        if self._consumer is not None:
            self._consumer.resume(*to_topic_partitions(self._held.intersection(partitions)))

    async def lag(self) -> Mapping[Partition, int]:
        """Return the uncommitted records of each assigned partition. Raises Transient."""
        consumer, held = self._consumer, to_topic_partitions(self._held)
        if consumer is None or not held:
            return {}
        try:
            committed = await asyncio.gather(*(consumer.committed(at) for at in held))
            firsts = await consumer.beginning_offsets(held)
            ends = await consumer.end_offsets(held)
        except KafkaError as error:
            raise Transient(f"lag is unknown: {describe_error(error)}") from error
        return {
            Partition(*at): compute_lag(offset, firsts[at], ends[at])
            for at, offset in zip(held, committed, strict=True)
        }

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit in bounded time. Raises CommitRefused, Transient."""
        consumer = self._consumer
        if consumer is None or not self._held.issuperset(offsets):
            raise CommitRefused("not assigned any more")
        # A member that lost its session has no generation, and Kafka accepts a commit without one from any client
        # while the group is empty.
        if consumer._coordinator.generation < 0:
            raise CommitRefused("no longer a member of the group")
        at = dict(zip(to_topic_partitions(offsets), offsets.values(), strict=True))
        committing = asyncio.create_task(consumer.commit(at))
        self._commits.add(committing)
        try:
            done, _ = await asyncio.wait({committing}, timeout=self._commit_seconds)
        finally:
            self._commits.discard(committing)
            committing.cancel()
        if not done:
            raise Transient(f"not committed within {self._commit_seconds:.0f} s")
        if committing.cancelled():
            raise CommitRefused("the group was rebalanced during the commit")
        if error := committing.exception():
            raise to_commit_error(error) from error

    async def close(self) -> None:
        """Leave the group in bounded time; nothing is reported to the listener."""
        consumer, self._consumer = self._consumer, None
        self._held = frozenset()
        if consumer is not None:
            await stop_consumer(consumer, _STOP_SECONDS)

    async def handle_assigned(self, partitions: Sequence[Partition]) -> None:
        """Report a new assignment to the listener."""
        self._held = frozenset(partitions)
        await self._call_listener(self._listener.on_assigned(partitions))
        self._rebalancing = False

    async def handle_revoked(self) -> None:
        """Report the revocation of all partitions to the listener, and end commits in progress."""
        self._rebalancing = True
        self._fetched.clear()  # the next owner reads them again
        self._lost.clear()
        if self._held:
            await self._call_listener(self._listener.on_revoked(sorted(self._held)))
        self._held = frozenset()
        for commit in self._commits:
            commit.cancel()

    async def _call_listener(self, call: Any) -> None:
        try:
            await call
        except Exception as error:  # noqa: BLE001 - aiokafka would log it and go on; `poll` raises it
            self._listener_error = error

    async def _connect(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**self._options)
            started = False
            try:
                async with asyncio.timeout(_START_SECONDS):
                    await consumer.start()
                started = True
            except (KafkaError, TimeoutError) as error:
                raise to_poll_error(error) from error
            finally:
                if not started:
                    await stop_consumer(consumer, 0.0)
            raise_group_errors(consumer)
            await remove_predecessors(consumer)
            consumer.subscribe(list(self._topics), listener=_Listener(self))
            self._consumer = consumer
        return self._consumer

    async def _getmany(self, consumer: AIOKafkaConsumer, max_records: int, timeout: float) -> Any:
        try:
            async with asyncio.timeout(timeout + _GRACE_SECONDS):
                return await consumer.getmany(timeout_ms=int(timeout * 1000), max_records=max_records)
        except TimeoutError:
            _reset_fetch_count(consumer)
            return {}
        except NoOffsetForPartitionError as error:
            _reset_fetch_count(consumer)
            await self._start_at_beginning(consumer, error.args[0])
            return {}
        except OffsetOutOfRangeError as error:
            _reset_fetch_count(consumer)
            ((at, position),) = error.args[0].items()
            raise await self._seek_past_loss(consumer, at, position) from error
        except KafkaError as error:
            await self._abandon()
            raise to_poll_error(error) from error

    async def _start_at_beginning(self, consumer: AIOKafkaConsumer, at: Any) -> None:
        """Seek to the beginning of a partition that the group has never committed."""
        if at in consumer.assignment():
            await self._seek_to_beginning(consumer, at)

    async def _seek_past_loss(self, consumer: AIOKafkaConsumer, at: Any, position: int) -> RecordsLost:
        first = await self._seek_to_beginning(consumer, at)
        return build_loss_error(Partition(*at), position, first)

    async def _restart(self, consumer: AIOKafkaConsumer, topics: Collection[str]) -> None:
        """Read topics that were created again from their beginning, even if records were read since."""
        self._fetched = deque(record for record in self._fetched if record.topic not in topics)
        for at in [at for at in sorted(self._held) if at.topic in topics]:
            first = await self._seek_to_beginning(consumer, TopicPartition(*at))
            self._lost.append(build_topic_recreated(at, first))

    async def _seek_to_beginning(self, consumer: AIOKafkaConsumer, at: Any) -> int:
        try:
            first: int = (await consumer.beginning_offsets([at]))[at]
        except KafkaError as error:
            raise to_poll_error(error) from error
        if at in consumer.assignment():
            consumer.seek(at, first)
        return first

    async def _abandon(self) -> None:
        await self.handle_revoked()
        await self.close()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._consumer.handle_revoked()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await self._consumer.handle_assigned(to_partitions(assigned))


def _reset_fetch_count(consumer: AIOKafkaConsumer) -> None:
    """Undo that aiokafka 0.14 counts a `getmany` that raised as never ending: a stall would not end the membership."""
    consumer._subscription._fetch_count = 0
    consumer._subscription._last_fetch_ended = time.monotonic()


def _read_position(consumer: AIOKafkaConsumer, at: Partition) -> int | None:
    """Return the offset after the last returned record, past control records; None while it is being looked up.

    aiokafka's own `position` waits for the look-up.
    """
    assignment = consumer._subscription.subscription.assignment
    state = assignment.state_value(TopicPartition(*at)) if assignment is not None else None
    return state.position if state is not None and state.has_valid_position else None
