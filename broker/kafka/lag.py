"""The lag of consumer groups on Kafka: the ends of their topics minus what they committed, and its age."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from broker.kafka.errors import describe_error
from broker.kafka.options import connection_options, reader_options
from broker.kafka.shutdown import stop_consumer
from broker.ports import Lag, OldestUncommitted, Partition, compute_lag
from runtime.errors import Transient
from runtime.settings import Settings

_STOP_SECONDS = 1.0
_READ_SECONDS = 1.0
"""An open transaction may hold a record back for minutes; its age is left out then."""
_READ_BYTES = 64 * 1024  # of each partition: one record is needed, and one batch always comes


class _Backlog(NamedTuple):
    """What a group has committed of a partition (None: nothing), and the offsets that the partition holds."""

    committed: int | None
    first: int
    end: int

    @property
    def records(self) -> int:
        return compute_lag(*self)

    @property
    def position(self) -> int:
        """The offset of the oldest uncommitted record."""
        return max(self.first, self.committed or 0)


_Backlogs = Mapping[str, Mapping[Partition, _Backlog]]


async def measure_lag(
    settings: Settings, groups: Mapping[str, Sequence[str]], timeout: float, optional: Collection[str]
) -> Lag:
    """Return the lag of each group on its topics, as `Broker.lag` describes it. Raises Transient."""
    async with _read_backlogs(settings, groups, timeout, optional) as (_, backlogs):
        return {
            group: {at: backlog.records for at, backlog in found.items()} for group, found in backlogs.items()
        }


async def find_oldest(
    settings: Settings, groups: Mapping[str, Sequence[str]], timeout: float, optional: Collection[str]
) -> OldestUncommitted:
    """Return when the oldest uncommitted records were published, as `Broker.oldest_uncommitted` describes it."""
    async with _read_backlogs(settings, groups, timeout, optional) as (consumer, backlogs):
        return {
            group: await _read_times(
                consumer, {at: backlog.position for at, backlog in found.items() if backlog.records}
            )
            for group, found in backlogs.items()
        }


@asynccontextmanager
async def _read_backlogs(
    settings: Settings, groups: Mapping[str, Sequence[str]], timeout: float, optional: Collection[str]
) -> AsyncIterator[tuple[AIOKafkaConsumer, _Backlogs]]:
    """Yield a started consumer, for `timeout` seconds in all, and the backlogs of the groups. Raises Transient."""
    # Without a group, so that measuring starts no rebalance.
    options = {**reader_options(settings), "max_partition_fetch_bytes": _READ_BYTES}
    consumer = AIOKafkaConsumer(**options)
    admin = AIOKafkaAdminClient(**connection_options(settings), request_timeout_ms=10_000)
    try:
        async with asyncio.timeout(timeout):
            await consumer.start()
            await admin.start()
            yield consumer, await _measure(consumer, admin, groups, optional)
    except (KafkaError, TimeoutError) as error:
        raise Transient(f"lag is unknown: {describe_error(error)}") from error
    finally:
        await admin.close()
        await stop_consumer(consumer, _STOP_SECONDS)


async def _measure(
    consumer: AIOKafkaConsumer,
    admin: AIOKafkaAdminClient,
    groups: Mapping[str, Sequence[str]],
    optional: Collection[str],
) -> _Backlogs:
    partitions = await _partitions(admin, {topic for topics in groups.values() for topic in topics})
    firsts: Mapping[Any, int] = await consumer.beginning_offsets(partitions)
    # Ends are read after commits: in the other order a busy group would seem to be ahead.
    committed = {group: await admin.list_consumer_group_offsets(group) for group in groups}
    ends: Mapping[Any, int] = await consumer.end_offsets(partitions)
    return {
        group: {
            Partition(*at): _Backlog(_offset(committed[group].get(at)), firsts[at], ends[at])
            for at in partitions
            if at.topic in topics
        }
        for group, topics in groups.items()
        if group not in optional or any(_offset(one) is not None for one in committed[group].values())
    }


async def _read_times(
    consumer: AIOKafkaConsumer, positions: Mapping[Partition, int]
) -> Mapping[Partition, int]:
    """Return the time (ms) of the first record at or after each position; what cannot be read soon is left out."""
    times: dict[Partition, int] = {}
    if not positions:
        return times
    consumer.assign([TopicPartition(*at) for at in positions])
    for at, position in positions.items():
        consumer.seek(TopicPartition(*at), position)
    with suppress(TimeoutError):
        async with asyncio.timeout(_READ_SECONDS):
            while len(times) < len(positions):
                for at, records in (await consumer.getmany(timeout_ms=200)).items():
                    times.setdefault(Partition(*at), records[0].timestamp)
                    consumer.pause(at)
    return times


async def _partitions(admin: AIOKafkaAdminClient, topics: set[str]) -> list[Any]:
    # All topics: asking by name would create a missing one on a cluster that creates topics automatically.
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await admin.describe_topics()
        if topic["topic"] in topics
        for partition in topic["partitions"]
    ]


def _offset(committed: Any) -> int | None:
    return committed.offset if committed is not None and committed.offset >= 0 else None
