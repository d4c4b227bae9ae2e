"""Topics with transactional producers: control records, and records that were aborted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

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


async def test_reader_catches_up_past_control_records_and_reads_nothing_aborted(
    broker: KafkaBroker, topic: str
) -> None:
    records = []
    async with broker.read([topic], Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        while not await within(reader.is_caught_up()):
            records.append(await within(anext(iterator)))
    assert [(record.offset, record.value) for record in records] == [(0, b"0"), (1, b"1"), (6, b"6")]


@pytest.fixture
def make_loop(
    broker: KafkaBroker, unique: Callable[[str], str]
) -> Callable[[str, list[int]], ConsumerLoop[Record]]:
    def make(topic: str, handled: list[int]) -> ConsumerLoop[Record]:
        async def handle(batch: Sequence[Record]) -> None:
            handled.extend(record.offset for record in batch)

        return ConsumerLoop(
            broker,
            unique("group"),
            [topic],
            decode=lambda record: record,
            ordering_key=lambda record: record.key,
            handle=handle,
        )

    return make


@pytest.mark.parametrize("aborted_at_the_end", [False, True])
async def test_loop_commits_to_the_end_of_the_log_past_control_records(
    broker: KafkaBroker,
    kafka_bootstrap: str,
    topic: str,
    unique: Callable[[str], str],
    make_loop: Callable[[str, list[int]], ConsumerLoop[Record]],
    aborted_at_the_end: bool,
) -> None:
    if aborted_at_the_end:  # offsets 8 and 9, and a marker
        await asyncio.to_thread(_write_aborted, kafka_bootstrap, topic, unique("transaction"))
    handled: list[int] = []
    loop = make_loop(topic, handled)
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    try:
        end = 11 if aborted_at_the_end else 8
        await until(lambda: list(loop.state.committed.values()) == [end])
        assert list((await within(loop.lag())).values()) == [0]
    finally:
        stop.set()
        await within(running)
    assert handled == [0, 1, 6]


def _write_aborted(bootstrap: str, topic: str, transaction: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": transaction})
    producer.init_transactions(20)
    producer.begin_transaction()
    for _ in range(2):
        producer.produce(topic, "no", "k")
    producer.flush(20)
    producer.abort_transaction(20)
