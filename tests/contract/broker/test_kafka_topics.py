"""Topics on a Kafka that creates them automatically: only `create_topics` does, and it reports other settings."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from structlog.testing import capture_logs

from broker.kafka.broker import KafkaBroker
from broker.ports import Edge, Message, Partition
from broker.topic_settings import find_topic_problems
from runtime.errors import Transient
from schemas.topics import RESULTS, Topic
from tests.support.brokers import kafka_settings
from tests.support.deadlines import within


class NoRebalance:
    """Accepts any assignment."""

    async def on_assigned(self, partitions: object) -> None: ...

    async def on_revoked(self, partitions: object) -> None: ...


@pytest.fixture
async def broker(kafka_bootstrap: str) -> AsyncIterator[KafkaBroker]:
    broker = KafkaBroker(kafka_settings(kafka_bootstrap))
    try:
        yield broker
    finally:
        await within(broker.close(), 10)


async def describe(broker: KafkaBroker, name: str) -> object:
    return (await within(broker.describe_topics([name], timeout=10))).get(name)


async def test_publishing_to_a_missing_topic_does_not_create_it(
    broker: KafkaBroker, unique: Callable[[str], str]
) -> None:
    name = unique("topic")
    with pytest.raises(Transient):
        await broker.publish(Message(name, b"key", b"value"), timeout=3)
    assert await describe(broker, name) is None


async def test_consuming_a_missing_topic_does_not_create_it(
    broker: KafkaBroker, unique: Callable[[str], str]
) -> None:
    name = unique("topic")
    async with broker.subscribe(unique("group"), [name], NoRebalance()) as consumer:
        for _ in range(3):
            assert await within(consumer.poll(10, 0.5)) == []
    assert await describe(broker, name) is None


async def test_reading_and_lag_of_a_missing_topic_do_not_create_it(
    broker: KafkaBroker, unique: Callable[[str], str]
) -> None:
    name = unique("topic")
    try:
        async with asyncio.timeout(10), broker.read([name], Edge.BEGINNING):
            pass
    except Transient:
        pass
    assert Partition(name, 0) not in (await within(broker.lag({unique("group"): [name]}, timeout=10), 20))
    assert await describe(broker, name) is None


async def test_created_topics_have_their_settings(broker: KafkaBroker, unique: Callable[[str], str]) -> None:
    topic = Topic(unique("topic"), RESULTS.config)
    await within(broker.create_topics([topic], partitions=3, replication=1))
    described = (await within(broker.describe_topics([topic.name], timeout=10)))[topic.name]
    assert find_topic_problems(topic, described, 3) == []


async def test_create_topics_reports_a_topic_with_other_settings_and_leaves_it(
    broker: KafkaBroker, kafka_bootstrap: str, unique: Callable[[str], str]
) -> None:
    topic = Topic(unique("topic"), RESULTS.config)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await within(admin.start())
    try:
        await within(admin.create_topics([NewTopic(topic.name, 1, 1)]))
    finally:
        await admin.close()
    with capture_logs() as logs:
        assert await within(broker.create_topics([topic], partitions=3, replication=1)) == []
    problems = [log["problem"] for log in logs if log["event"] == "topic.other_settings"]
    assert problems == [
        "1 partitions, fewer than 3",
        "cleanup.policy is delete, not compact, min.compaction.lag.ms is 0, not 604800000, "
        "segment.ms is 604800000, not 3600000",
    ]
    assert (await within(broker.describe_topics([topic.name], timeout=10)))[topic.name].partitions == 1
