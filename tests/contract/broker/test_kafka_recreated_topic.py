"""A topic that is deleted, created again and filled past a consumer's position while the consumer does not look."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from broker.consumer.loop import ConsumerLoop
from broker.kafka.broker import KafkaBroker
from broker.ports import Message, Record
from schemas.topics import Topic
from tests.support.brokers import kafka_settings
from tests.support.deadlines import until, within


@pytest.fixture
async def broker(kafka_bootstrap: str) -> AsyncIterator[KafkaBroker]:
    broker = KafkaBroker(kafka_settings(kafka_bootstrap))
    try:
        yield broker
    finally:
        await within(broker.close(), 10)


@pytest.fixture
async def admin(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await within(admin.start())
    try:
        yield admin
    finally:
        await admin.close()


async def create_filled(kafka_bootstrap: str, topic: str, values: Sequence[bytes]) -> None:
    """With a broker of its own: a producer that knew the old topic would first have to forget it."""
    broker = KafkaBroker(kafka_settings(kafka_bootstrap))
    try:
        # Kafka deletes the old topic in the background, and offers nothing to wait for.
        while not await within(broker.create_topics([Topic(topic)], partitions=1, replication=1), 20):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        for value in values:
            await within(broker.publish(Message(topic, b"key", value)), 20)
    finally:
        await within(broker.close(), 10)


async def test_loop_reads_all_of_a_topic_that_was_created_again(
    broker: KafkaBroker, admin: AIOKafkaAdminClient, kafka_bootstrap: str, unique: Callable[[str], str]
) -> None:
    topic = unique("topic")
    old, new = [b"old %d" % n for n in range(20)], [b"new %d" % n for n in range(40)]
    handled: list[bytes | None] = []
    proceed = asyncio.Event()

    async def handle(batch: Sequence[Record]) -> None:
        handled.extend(record.value for record in batch)
        await proceed.wait()  # with a window of one record, the loop reads no further meanwhile

    await create_filled(kafka_bootstrap, topic, old)
    loop: ConsumerLoop[Record] = ConsumerLoop(
        broker,
        unique("group"),
        [topic],
        decode=lambda record: record,
        ordering_key=lambda record: record.key,
        handle=handle,
        window=1,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    try:
        await until(lambda: handled == old[:1])
        await within(admin.delete_topics([topic]))
        await create_filled(kafka_bootstrap, topic, new)
        proceed.set()
        await until(lambda: set(new) <= set(handled), 40)
        await until(lambda: list(loop.state.committed.values()) == [len(new)], 20)
        assert loop.state.lost >= 1
    finally:
        stop.set()
        proceed.set()
        await within(running, 30)
