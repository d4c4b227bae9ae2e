"""Records that other producers compressed, with every codec that Kafka has, and topics that the broker recompresses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from confluent_kafka import Producer

from broker.kafka.broker import KafkaBroker
from broker.ports import Edge, Message
from schemas.topics import Topic
from tests.support.brokers import kafka_settings
from tests.support.deadlines import within

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
VALUES = [json.dumps({"symbol": "BTCUSDT", "n": n, "pad": "0123456789" * 90}).encode() for n in range(8)]


@pytest.fixture
async def broker(kafka_bootstrap: str) -> AsyncIterator[KafkaBroker]:
    broker = KafkaBroker(kafka_settings(kafka_bootstrap))
    try:
        yield broker
    finally:
        await within(broker.close(), 10)


async def read_values(broker: KafkaBroker, topic: str, count: int) -> list[bytes | None]:
    async with broker.read([topic], Edge.BEGINNING) as reader:
        records = aiter(reader)
        return [(await within(anext(records))).value for _ in range(count)]


@pytest.mark.parametrize("codec", CODECS)
async def test_reader_reads_records_that_librdkafka_compressed(
    broker: KafkaBroker, kafka_bootstrap: str, unique: Callable[[str], str], codec: str
) -> None:
    topic = unique("topic")
    await within(broker.create_topics([Topic(topic)], partitions=1, replication=1))
    await asyncio.to_thread(produce, kafka_bootstrap, topic, codec)
    assert await read_values(broker, topic, len(VALUES)) == VALUES


def produce(bootstrap: str, topic: str, codec: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 50})
    for value in VALUES:
        producer.produce(topic, value)
    assert producer.flush(20) == 0


@pytest.mark.parametrize("codec", CODECS)
async def test_reader_reads_topics_that_the_broker_recompresses(
    broker: KafkaBroker, kafka_bootstrap: str, unique: Callable[[str], str], codec: str
) -> None:
    topic = unique("topic")
    compression = {"compression.type": "uncompressed" if codec == "none" else codec}
    await create_topic(kafka_bootstrap, topic, compression)
    await within(broker.publish(Message(topic, b"key", VALUES[0])))
    assert await read_values(broker, topic, 1) == VALUES[:1]


async def create_topic(bootstrap: str, topic: str, configs: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await within(admin.start())
    try:
        await within(admin.create_topics([NewTopic(topic, 1, 1, topic_configs=configs)]))
    finally:
        await admin.close()


@pytest.mark.parametrize("codec", CODECS)
async def test_publisher_compresses_with_the_codec_of_the_settings(
    kafka_bootstrap: str, unique: Callable[[str], str], codec: str
) -> None:
    topic = unique("topic")
    broker = KafkaBroker(kafka_settings(kafka_bootstrap, kafka_compression=codec))
    try:
        await within(broker.create_topics([Topic(topic)], partitions=1, replication=1))
        await within(broker.publish(Message(topic, b"key", VALUES[0])))
        assert await read_values(broker, topic, 1) == VALUES[:1]
    finally:
        await within(broker.close(), 10)
