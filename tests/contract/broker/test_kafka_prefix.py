"""Two installations on one Kafka, each with a prefix of its own."""

from collections.abc import AsyncIterator, Callable

import pytest

from broker.kafka.broker import KafkaBroker
from broker.kafka.connect import connect_kafka
from broker.ports import Broker, Edge, Message
from broker.prefix import PrefixedBroker
from schemas.topics import Topic
from tests.support.brokers import Watcher, kafka_settings, take
from tests.support.deadlines import within

TOPIC = Topic("strandline.requests.v1")
GROUP = "strandline.analyzer"


@pytest.fixture
async def installations(
    kafka_bootstrap: str, unique: Callable[[str], str]
) -> AsyncIterator[tuple[list[Broker], list[str]]]:
    prefixes = [f"{unique('blue')}.", f"{unique('green')}."]
    brokers = [connect_kafka(kafka_settings(kafka_bootstrap, topic_prefix=one)) for one in prefixes]
    try:
        yield brokers, prefixes
    finally:
        for broker in brokers:
            await broker.close()


async def test_installations_with_prefixes_read_only_their_own_records(
    installations: tuple[list[Broker], list[str]], kafka_bootstrap: str
) -> None:
    brokers, prefixes = installations
    for broker in brokers:
        assert await broker.create_topics([TOPIC], partitions=1, replication=1) == [TOPIC.name]
    for broker, value in zip(brokers, (b"blue", b"green"), strict=True):
        assert (await broker.publish(Message(TOPIC.name, b"k", value))).topic == TOPIC.name
    for broker, value in zip(brokers, (b"blue", b"green"), strict=True):
        async with broker.subscribe(GROUP, [TOPIC.name], Watcher()) as consumer:
            (record,) = await take(consumer, 1)
            assert (record.topic, record.value) == (TOPIC.name, value)
            await consumer.commit({record.source: 1})
        lag = await broker.lag({GROUP: [TOPIC.name]}, timeout=30)
        assert lag == {GROUP: {record.source: 0}}
        async with broker.read([TOPIC.name], Edge.BEGINNING) as reader:
            assert (await within(anext(aiter(reader)))).value == value
    plain = KafkaBroker(kafka_settings(kafka_bootstrap))
    try:
        names = [prefix + TOPIC.name for prefix in prefixes]
        assert (await plain.describe_topics(names, timeout=30)).keys() == set(names)
    finally:
        await plain.close()


async def test_broker_without_a_prefix_is_kafka_itself(kafka_bootstrap: str) -> None:
    broker = connect_kafka(kafka_settings(kafka_bootstrap))
    assert not isinstance(broker, PrefixedBroker)
    await broker.close()
