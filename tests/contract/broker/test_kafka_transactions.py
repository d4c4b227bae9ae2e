"""Topics that somebody else writes to in transactions: holes in the offsets, and records that never were."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from confluent_kafka import Producer

from broker.consumer.loop import ConsumerLoop
from broker.kafka.broker import KafkaBroker
from broker.ports import Edge, Record
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
async def topic(broker: KafkaBroker, kafka_bootstrap: str, unique: Callable[[str], str]) -> str:
    """Offsets 0 and 1 committed, a marker, 3 and 4 aborted, a marker, 6 committed, and a marker at the end."""
    name = unique("topic")
    await within(broker.create_topics([Topic(name)], partitions=1, replication=1))
    await asyncio.to_thread(_write, kafka_bootstrap, name, unique("transaction"))
    return name


def _write(bootstrap: str, topic: str, transaction: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": transaction})
    producer.init_transactions(20)
    for values, commit in ((("0", "1"), True), (("no", "no"), False), (("6",), True)):
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, value, "k")
        producer.flush(20)
        if commit:
            producer.commit_transaction(20)
        else:
            producer.abort_transaction(20)


async def test_a_reader_catches_up_past_markers_and_sees_nothing_aborted(
    broker: KafkaBroker, topic: str
) -> None:
    records = []
    async with broker.read([topic], Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        while not await within(reader.is_caught_up()):
            records.append(await within(anext(iterator)))
    assert [(record.offset, record.value) for record in records] == [(0, b"0"), (1, b"1"), (6, b"6")]


async def test_the_loop_commits_across_the_holes(
    broker: KafkaBroker, topic: str, unique: Callable[[str], str]
) -> None:
    handled: list[int] = []

    async def handle(batch: object) -> None:
        handled.extend(record.offset for record in batch)  # type: ignore[attr-defined]

    loop: ConsumerLoop[Record] = ConsumerLoop(
        broker, unique("group"), [topic], decode=lambda r: r, ordering_key=lambda r: r.key, handle=handle
    )
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    await until(lambda: list(loop.state.committed.values()) == [7])
    stop.set()
    await within(running)
    assert handled == [0, 1, 6]
