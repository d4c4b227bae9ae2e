"""The lag of consumer groups on Kafka: the ends of their topics minus what they committed."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from broker.kafka.options import connection_options, reader_options
from broker.kafka.shutdown import stop_consumer
from broker.ports import Lag, Partition, compute_lag
from runtime.errors import Transient
from runtime.settings import Settings

_STOP_SECONDS = 1.0


async def measure_lag(
    settings: Settings, groups: Mapping[str, Sequence[str]], timeout: float, optional: Collection[str]
) -> Lag:
    """Return the lag of each group on its topics, as `Broker.lag` describes it. Raises Transient."""
    # Without a group, so that measuring starts no rebalance.
    consumer = AIOKafkaConsumer(**reader_options(settings))
    admin = AIOKafkaAdminClient(**connection_options(settings), request_timeout_ms=10_000)
    try:
        async with asyncio.timeout(timeout):
            await consumer.start()
            await admin.start()
            return await _measure(consumer, admin, groups, optional)
    except (KafkaError, TimeoutError) as error:
        raise Transient(f"lag is unknown: {type(error).__name__}: {error}") from error
    finally:
        await admin.close()
        await stop_consumer(consumer, _STOP_SECONDS)


async def _measure(
    consumer: AIOKafkaConsumer,
    admin: AIOKafkaAdminClient,
    groups: Mapping[str, Sequence[str]],
    optional: Collection[str],
) -> Lag:
    partitions = await _partitions(admin, {topic for topics in groups.values() for topic in topics})
    firsts: Mapping[Any, int] = await consumer.beginning_offsets(partitions)
    # Ends are read after commits: in the other order a busy group would seem to be ahead.
    committed = {group: await admin.list_consumer_group_offsets(group) for group in groups}
    ends: Mapping[Any, int] = await consumer.end_offsets(partitions)
    return {
        group: {
            Partition(*at): compute_lag(_offset(committed[group].get(at)), firsts[at], ends[at])
            for at in partitions
            if at.topic in topics
        }
        for group, topics in groups.items()
        if group not in optional or any(_offset(one) is not None for one in committed[group].values())
    }


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
