"""A group member on Kafka.

aiokafka tells of rebalances from a task of its own, at any time; this adapter sees to it that the owner has been told
of an assignment before it gets a record of it, and that a commit never outlives the assignment it was made under.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from broker.kafka.errors import while_committing, while_polling
from broker.kafka.offset_fetch import heed_group_errors
from broker.kafka.options import Options
from broker.kafka.records import lost, ours, records_of, theirs
from broker.kafka.shutdown import stop_consumer
from broker.ports import CommitRefused, Partition, RebalanceListener, Record, RecordsLost, compute_lag
from runtime.errors import Transient

_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
_GRACE_SECONDS = 0.5  # past its timeout, `getmany` is only ever waiting for a rebalance to end


class KafkaConsumer:
    """Connects on the first poll, and anew after an error that aiokafka does not survive."""

    def __init__(self, options: Options, topics: Sequence[str], listener: RebalanceListener) -> None:
        self._options = options
        # A commit while being revoked must be over well before the group stops waiting for us.
        self._commit_seconds: float = options["session_timeout_ms"] / 3_000
        self._topics = topics
        self._listener = listener
        self._consumer: AIOKafkaConsumer | None = None
        self._held: frozenset[Partition] = frozenset()  # as far as the owner was told
        self._fetched: deque[Record] = deque()
        self._telling = False
        self._commits: set[asyncio.Task[None]] = set()
        self._callback_failed: Exception | None = None

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        consumer = await self._connected()
        if not self._fetched:
            self._fetched.extend(records_of(await self._getmany(consumer, max_records, timeout)))
        if self._callback_failed is not None:
            error, self._callback_failed = self._callback_failed, None
            raise error
        if self._telling:
            return []  # they are kept until the owner knows that the partition is his
        return [self._fetched.popleft() for _ in range(min(max_records, len(self._fetched)))]

    def pause(self, partitions: Iterable[Partition]) -> None:
        if self._consumer is not None:
            self._consumer.pause(*theirs(self._held.intersection(partitions)))

    def resume(self, partitions: Iterable[Partition]) -> None:
        if self._consumer is not None:
            self._consumer.resume(*theirs(self._held.intersection(partitions)))

    async def lag(self) -> Mapping[Partition, int]:
        consumer, held = self._consumer, theirs(self._held)
        if consumer is None or not held:
            return {}
        try:
            committed = await asyncio.gather(*(consumer.committed(at) for at in held))
            firsts = await consumer.beginning_offsets(held)
            ends = await consumer.end_offsets(held)
        except KafkaError as error:
            raise Transient(f"lag not known: {type(error).__name__}: {error}") from error
        return {
            Partition(*at): compute_lag(offset, firsts[at], ends[at])
            for at, offset in zip(held, committed, strict=True)
        }

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        consumer = self._consumer
        if consumer is None or not self._held.issuperset(offsets):
            raise CommitRefused("not assigned any more")
        # A member that lost its session has no generation, and Kafka takes a commit without one from anybody
        # while the group is empty.
        if consumer._coordinator.generation < 0:
            raise CommitRefused("no longer a member of the group")
        at = dict(zip(theirs(offsets), offsets.values(), strict=True))
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
            raise CommitRefused("the group was rebalanced meanwhile")
        if error := committing.exception():
            raise while_committing(error) from error

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        self._held = frozenset()
        if consumer is not None:
            await stop_consumer(consumer, _STOP_SECONDS)

    async def was_assigned(self, partitions: Sequence[Partition]) -> None:
        self._held = frozenset(partitions)
        await self._tell(self._listener.on_assigned(partitions))
        self._telling = False

    async def was_revoked(self) -> None:
        self._telling = True
        self._fetched.clear()  # whoever owns the partitions next reads them again
        if self._held:
            await self._tell(self._listener.on_revoked(sorted(self._held)))
        self._held = frozenset()
        for commit in self._commits:
            commit.cancel()

    async def _tell(self, telling: Any) -> None:
        try:
            await telling
        except Exception as error:  # noqa: BLE001 - aiokafka would log it and go on; `poll` raises it
            self._callback_failed = error

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**self._options)
            started = False
            try:
                async with asyncio.timeout(_START_SECONDS):
                    await consumer.start()
                started = True
            except (KafkaError, TimeoutError) as error:
                raise while_polling(error) from error
            finally:
                if not started:
                    await stop_consumer(consumer, 0.0)
            heed_group_errors(consumer)
            consumer.subscribe(list(self._topics), listener=_Listener(self))
            self._consumer = consumer
        return self._consumer

    async def _getmany(self, consumer: AIOKafkaConsumer, max_records: int, timeout: float) -> Any:
        try:
            async with asyncio.timeout(timeout + _GRACE_SECONDS):
                return await consumer.getmany(timeout_ms=int(timeout * 1000), max_records=max_records)
        except TimeoutError:
            _count_no_fetch(consumer)
            return {}
        except NoOffsetForPartitionError as error:
            _count_no_fetch(consumer)
            await self._begin(consumer, error.args[0])
            return {}
        except OffsetOutOfRangeError as error:
            _count_no_fetch(consumer)
            ((at, position),) = error.args[0].items()
            raise await self._skip_lost(consumer, at, position) from error
        except KafkaError as error:
            await self._abandon()
            raise while_polling(error) from error

    async def _begin(self, consumer: AIOKafkaConsumer, at: Any) -> None:
        """The group never committed here: it begins at the beginning."""
        if at in consumer.assignment():
            await self._to_beginning(consumer, at)

    async def _skip_lost(self, consumer: AIOKafkaConsumer, at: Any, position: int) -> RecordsLost:
        first = await self._to_beginning(consumer, at)
        return lost(Partition(*at), position, first)

    async def _to_beginning(self, consumer: AIOKafkaConsumer, at: Any) -> int:
        try:
            first: int = (await consumer.beginning_offsets([at]))[at]
        except KafkaError as error:
            raise while_polling(error) from error
        if at in consumer.assignment():
            consumer.seek(at, first)
        return first

    async def _abandon(self) -> None:
        await self.was_revoked()
        await self.close()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._consumer.was_revoked()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await self._consumer.was_assigned(ours(assigned))


def _count_no_fetch(consumer: AIOKafkaConsumer) -> None:
    """A `getmany` that raised counts as going on for ever (aiokafka 0.14): no stall would ever end the membership."""
    consumer._subscription._fetch_count = 0
    consumer._subscription._last_fetch_ended = time.monotonic()
