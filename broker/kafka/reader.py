"""A reader of whole topics on Kafka, without a group."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from broker.kafka.errors import to_missing_topic_error, to_poll_error
from broker.kafka.options import Options
from broker.kafka.records import build_loss_error, to_records
from broker.kafka.shutdown import stop_consumer
from broker.ports import Edge, Partition, Record, RecordsLost

_OPEN_SECONDS = 15.0
_TOPIC_SECONDS = 3.0
_STOP_SECONDS = 2.0
_FETCH_SECONDS = 1.0
_BATCH_RECORDS = 500


class KafkaReader:
    """Partitions added to a topic later are not seen. While the broker is away the iteration waits."""

    def __init__(self, options: Options) -> None:
        self._consumer = AIOKafkaConsumer(**options)
        self._ends: Mapping[Any, int] = {}
        self._fetched: deque[Record] = deque()
        self._fetching = asyncio.Lock()

    async def open(self, topics: Sequence[str], start: Edge | datetime) -> None:
        """Connect and fix the positions. Raises Transient."""
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await self._consumer.start()
                partitions = [at for topic in topics for at in await self._partitions(topic)]
                self._ends = await self._consumer.end_offsets(partitions)
                positions = await self._positions(partitions, start)
        except (KafkaError, TimeoutError) as error:
            raise to_poll_error(error) from error
        self._consumer.assign(partitions)
        for at, position in positions.items():
            self._consumer.seek(at, position)

    async def close(self) -> None:
        """Stop the client."""
        await stop_consumer(self._consumer, _STOP_SECONDS)

    def __aiter__(self) -> AsyncIterator[Record]:
        return self._records()

    async def is_caught_up(self) -> bool:
        """Return whether every record that was on the topics at opening has been read."""
        if self._fetched and self._is_before_ends(self._fetched[0]):
            return False
        # A position may be before a hole that no record fills: only fetching moves past it.
        while not self._fetched and not await self._is_past_ends():
            await self._fetch()
        return await self._is_past_ends()

    async def _records(self) -> AsyncIterator[Record]:
        while True:
            while self._fetched:
                yield self._fetched.popleft()
            await self._fetch()

    def _is_before_ends(self, record: Record) -> bool:
        """Answer without positions, for callers that ask before every record."""
        return record.offset < self._ends[TopicPartition(record.topic, record.partition)]

    async def _is_past_ends(self) -> bool:
        unread = {}
        for record in reversed(self._fetched):
            unread[TopicPartition(record.topic, record.partition)] = record.offset
        for at, end in self._ends.items():
            reached = unread[at] if at in unread else await self._consumer.position(at)
            if reached < end:
                return False
        return True

    async def _fetch(self) -> None:
        async with self._fetching:
            if self._fetched:
                return
            try:
                fetched = await self._consumer.getmany(
                    timeout_ms=int(_FETCH_SECONDS * 1000), max_records=_BATCH_RECORDS
                )
            except OffsetOutOfRangeError as error:
                ((at, position),) = error.args[0].items()
                raise await self._seek_past_loss(at, position) from error
            except KafkaError as error:
                raise to_poll_error(error) from error
            self._fetched.extend(to_records(fetched))

    async def _seek_past_loss(self, at: Any, position: int) -> RecordsLost:
        first: int = (await self._consumer.beginning_offsets([at]))[at]
        self._consumer.seek(at, first)
        return build_loss_error(Partition(*at), position, first)

    async def _partitions(self, topic: str) -> list[Any]:
        try:
            async with asyncio.timeout(_TOPIC_SECONDS):
                numbers = await self._consumer._client._wait_on_metadata(topic)
        except (KafkaError, TimeoutError) as error:
            raise to_missing_topic_error(topic) from error
        return [TopicPartition(topic, number) for number in sorted(numbers)]

    async def _positions(self, partitions: Sequence[Any], start: Edge | datetime) -> Mapping[Any, int]:
        if start is Edge.END:
            return self._ends
        if start is Edge.BEGINNING:
            beginnings: Mapping[Any, int] = await self._consumer.beginning_offsets(partitions)
            return beginnings
        at_ms = max(0, int(start.timestamp() * 1000))  # aiokafka refuses negatives with a ValueError
        found = await self._consumer.offsets_for_times(dict.fromkeys(partitions, at_ms))
        return {at: found[at].offset if found[at] else self._ends[at] for at in partitions}
