"""Publishing and reading topics: one suite on both adapters."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from broker.partitioner import partition_of
from broker.ports import Edge, Message, MessageTooLarge, Partition, Record, RecordsLost
from runtime.clock import SystemClock
from runtime.errors import Transient
from schemas.topics import Topic
from tests.support.brokers import KEPT, House, fill
from tests.support.deadlines import until, within


async def read_all(house: House, topic: str) -> list[Record]:
    """Everything that stands on the topic now."""
    records = []
    async with house.broker.read([topic], Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        while not await within(reader.is_caught_up()):
            records.append(await within(anext(iterator)))
    return records


async def test_publish_returns_the_record_with_its_position(house: House) -> None:
    topic = await house.topic()
    first = await within(house.broker.publish(Message(topic, b"k", b"one")))
    second = await within(house.broker.publish(Message(topic, b"k", b"two")))
    assert (first.source, first.offset) == (Partition(topic, 0), 0)
    assert (second.source, second.offset) == (Partition(topic, 0), 1)


@pytest.mark.parametrize("key", [None, b"", b"binance:spot:BTCUSDT:1h"])
@pytest.mark.parametrize("value", [None, b"", b"\xff\x00"])
async def test_publish_keeps_key_value_and_headers(
    house: House, key: bytes | None, value: bytes | None
) -> None:
    topic = await house.topic()
    headers = (("ce_id", b"1"), ("twice", b"a"), ("twice", b"b"), ("empty", b""))
    sent = await within(house.broker.publish(Message(topic, key, value, headers)))
    (read,) = await read_all(house, topic)
    assert (read.key, read.value, read.headers) == (key, value, headers)
    assert (read.source, read.offset, read.timestamp_ms) == (sent.source, sent.offset, sent.timestamp_ms)


async def test_publish_partitions_a_key_as_java_does(house: House) -> None:
    topic = await house.topic(partitions=7)
    keys = [f"binance:spot:{symbol}:1h".encode() for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")]
    for key in keys:
        record = await within(house.broker.publish(Message(topic, key, b"")))
        assert record.partition == partition_of(key, 7)


async def test_publish_takes_a_message_without_a_key(house: House) -> None:
    topic = await house.topic(partitions=3)
    records = [await within(house.broker.publish(Message(topic, None, b"x"))) for _ in range(20)]
    assert {record.partition for record in records} <= {0, 1, 2}
    assert len(await read_all(house, topic)) == 20


async def test_publish_keeps_the_order_within_a_partition(house: House) -> None:
    topic = await house.topic(partitions=3)
    await fill(house.broker, topic, 30)
    assert [record.value for record in await read_all(house, topic)] == [str(n).encode() for n in range(30)]


async def test_publish_takes_many_messages_at_once(house: House) -> None:
    topic = await house.topic(partitions=4)
    messages = [Message(topic, str(n).encode(), b"x" * 1_000) for n in range(500)]
    records = await within(asyncio.gather(*(house.broker.publish(message) for message in messages)))
    assert len({(record.source, record.offset) for record in records}) == 500


async def test_publish_to_a_missing_topic_is_transient(house: House, unique: Callable[[str], str]) -> None:
    with pytest.raises(Transient):
        await within(house.broker.publish(Message(unique("nowhere"), None, b""), timeout=2.0))


async def test_publish_refuses_a_message_that_is_too_large_and_takes_the_next(
    house: House, unique: Callable[[str], str]
) -> None:
    topic = Topic(unique("topic"), {"max.message.bytes": "2000"})
    await within(house.broker.create_topics([topic], partitions=1, replication=1))
    await fill(house.broker, topic.name, 1)
    incompressible = random.Random(7).randbytes(3_000)
    with pytest.raises(MessageTooLarge, match=topic.name):
        await within(house.broker.publish(Message(topic.name, b"k", incompressible)))
    record = await within(house.broker.publish(Message(topic.name, b"k", b"x" * 1_000)))
    assert record.offset == 1


async def test_reader_from_the_end_reads_what_is_published_after_opening(house: House) -> None:
    topic = await house.topic(partitions=2)
    await fill(house.broker, topic, 3)
    async with house.broker.read([topic], Edge.END) as reader:
        assert await within(reader.is_caught_up())
        # Nothing has been read yet: the position was fixed on entry, not by the first read.
        await fill(house.broker, topic, 2, first=3)
        iterator = aiter(reader)
        assert [(await within(anext(iterator))).value for _ in range(2)] == [b"3", b"4"]


async def test_reader_from_the_beginning_catches_up_and_goes_on(house: House) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 3)
    async with house.broker.read([topic], Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        for number in range(3):
            assert not await within(reader.is_caught_up())
            assert (await within(anext(iterator))).offset == number
        assert await within(reader.is_caught_up())
        waiting = asyncio.ensure_future(anext(iterator))
        await fill(house.broker, topic, 1, first=3)
        assert (await within(waiting)).value == b"3"
        assert await within(reader.is_caught_up())


async def test_reader_of_an_empty_topic_is_caught_up(house: House) -> None:
    topic = await house.topic(partitions=3)
    async with house.broker.read([topic], Edge.BEGINNING) as reader:
        assert await within(reader.is_caught_up())


async def test_reader_from_a_time_starts_at_that_time(house: House) -> None:
    topic = await house.topic(partitions=2)
    await fill(house.broker, topic, 2)
    moment = SystemClock().now()
    await until(lambda: SystemClock().now() > moment + timedelta(milliseconds=1))
    await fill(house.broker, topic, 2, first=2)
    async with house.broker.read([topic], moment + timedelta(milliseconds=1)) as reader:
        iterator = aiter(reader)
        assert [(await within(anext(iterator))).value for _ in range(2)] == [b"2", b"3"]
    async with house.broker.read([topic], moment + timedelta(hours=1)) as reader:
        assert await within(reader.is_caught_up())


async def test_reader_from_before_all_records_starts_at_the_beginning(house: House) -> None:
    topic = await house.topic()
    await house.broker.publish(Message(topic, None, b"x"))
    async with house.broker.read([topic], datetime(1960, 1, 1, tzinfo=UTC)) as reader:
        assert (await within(anext(aiter(reader)))).value == b"x"


async def test_reader_reads_several_topics(house: House) -> None:
    topics = [await house.topic(), await house.topic()]
    for topic in topics:
        await fill(house.broker, topic, 2)
    async with house.broker.read(topics, Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        assert {(await within(anext(iterator))).topic for _ in range(4)} == set(topics)


async def test_readers_are_independent(house: House) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 2)
    assert await read_all(house, topic) == await read_all(house, topic)


async def test_reader_of_a_missing_topic_is_transient(house: House, unique: Callable[[str], str]) -> None:
    with pytest.raises(Transient):
        async with house.broker.read([unique("nowhere")], Edge.END):
            pass


async def test_reader_raises_records_lost_to_retention(house: House) -> None:
    topic = await house.topic(forgetful=True)
    await fill(house.broker, topic, 2)
    async with house.broker.read([topic], Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        assert [(await within(anext(iterator))).offset for _ in range(2)] == [0, 1]
        # More than any client would fetch ahead of being asked.
        large = Message(topic, b"k", b"x" * 900_000)
        for _ in range(5 + KEPT):
            await within(house.broker.publish(large))
        await house.lose_before(Partition(topic, 0), 7)
        with pytest.raises(RecordsLost, match=f"{topic}/0"):
            await within(_drain(iterator))


async def _drain(records: AsyncIterator[Record]) -> None:
    async for _ in records:
        pass


async def test_create_topics_is_idempotent_and_concurrent(house: House, unique: Callable[[str], str]) -> None:
    topics = [Topic(unique("topic"), {"retention.ms": "3600000"}) for _ in range(3)]
    brokers = [house.broker, house.another(), house.another()]
    made = await within(
        asyncio.gather(*(broker.create_topics(topics, partitions=2, replication=1) for broker in brokers))
    )
    assert sorted(name for names in made for name in names) == sorted(topic.name for topic in topics)
    assert await within(house.broker.create_topics(topics, partitions=2, replication=1)) == []


async def test_create_topics_leaves_the_partitions_of_an_existing_topic(house: House) -> None:
    topic = await house.topic(partitions=2)
    assert await within(house.broker.create_topics([Topic(topic)], partitions=5, replication=1)) == []
    key = next(key for n in range(100) if partition_of(key := str(n).encode(), 5) > 1)
    assert (await within(house.broker.publish(Message(topic, key, b"")))).partition < 2


async def test_broker_is_reachable_while_open(house: House) -> None:
    assert await within(house.broker.is_reachable(5.0))


async def test_broker_close_is_bounded_and_final(house: House) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 1)
    await within(house.broker.close(), 10)
    with pytest.raises(Transient):
        await within(house.broker.publish(Message(topic, None, b"")))
    await within(house.broker.close(), 10)
