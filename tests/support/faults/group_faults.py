"""Faults of topics and groups: partitions added while roles read, and a group whose offsets are reset or deleted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from confluent_kafka.admin import AdminClient

from schemas.topics import ANALYZER_GROUP, FAILURES, GROUP_TOPICS, REQUESTS, RESULTS, SINK_GROUP
from tests.support.containers import admin_options
from tests.support.faults.crew import Role
from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment

_GROUPS: dict[str, Role] = {ANALYZER_GROUP: "analyzer", SINK_GROUP: "sink"}
_SECONDS = 20.0
_KEPT = 500
"""Requests of each partition that are processed again."""


async def add_partitions(stand: FaultEnvironment, _chance: Random) -> None:
    """Add one to each topic of the requests' path: publishers use it at once, before members know of it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stand.settings.require_kafka_bootstrap())
    await admin.start()
    try:
        topics = await admin.describe_topics([REQUESTS.name, RESULTS.name, FAILURES.name])
        counts = {topic["topic"]: len(topic["partitions"]) for topic in topics}
        await admin.create_partitions({name: NewPartitions(count + 1) for name, count in counts.items()})
    finally:
        await admin.close()


@asynccontextmanager
async def _stop_group(stand: FaultEnvironment, group: str) -> AsyncIterator[None]:
    """Stop the members of the group for the block: Kafka changes the offsets of an empty group only."""
    role = _GROUPS[group]
    members = stand.crew.of(role)
    for member in members:
        await stand.crew.stop(member)
    try:
        yield
    finally:
        for _ in members:
            await stand.crew.start(role)


async def reset_group(stand: FaultEnvironment, chance: Random) -> None:
    """Reset a group to the beginning of its topics, or delete it, which comes to the same."""
    group = chance.choice(sorted(_GROUPS))
    act = chance.choice((_seek_to_beginning, _delete_group))
    bootstrap = stand.settings.require_kafka_bootstrap()
    async with _stop_group(stand, group):
        await _trim_requests(bootstrap)
        await act(bootstrap, group)


async def _seek_to_beginning(bootstrap: str, group: str) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        at = [each for topic in GROUP_TOPICS[group] for each in await _partitions(consumer, topic)]
        consumer.assign(at)
        await consumer.commit(await consumer.beginning_offsets(at))
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    await consumer._client.add_topic(topic)
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]


async def _trim_requests(bootstrap: str) -> None:
    """Delete old requests: those of earlier rounds are not to be processed again as well."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await consumer.start()
    await admin.start()
    try:
        ends = await consumer.end_offsets(await _partitions(consumer, REQUESTS.name))
        await admin.delete_records({at: RecordsToDelete(max(0, end - _KEPT)) for at, end in ends.items()})
    finally:
        await admin.close()
        await consumer.stop()


async def _delete_group(bootstrap: str, group: str) -> None:
    admin = AdminClient(admin_options(bootstrap))
    for outcome in admin.delete_consumer_groups([group]).values():
        await asyncio.to_thread(outcome.result)


ADD_PARTITIONS = Fault("add-partitions", add_partitions, _SECONDS)
RESET_GROUP = Fault("reset-group", reset_group, _SECONDS, rewinds=True)
