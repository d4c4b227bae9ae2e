"""A Kafka that freezes in the middle: every call ends in time, nothing is said that is not known, and it goes on."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import pytest

from broker.consumer.loop import ConsumerLoop
from broker.kafka.broker import KafkaBroker
from broker.ports import CommitRefused, DeliveryUnknown, Edge, Message, Record
from runtime.errors import Transient
from schemas.topics import Topic
from tests.support.brokers import Watcher, fill, kafka_settings, polling, take
from tests.support.containers import ImageMissingError, Kafka, run_kafka
from tests.support.deadlines import until, within
from tests.support.services import Services

PUBLISH_SECONDS = 1.5


@pytest.fixture(scope="module")
def kafka(services: Services) -> Iterator[Kafka]:
    """Start a Kafka for this module alone, since it is frozen."""
    if reason := services.why_no_container():
        services.report_absent("kafka", f"one that may be frozen: {reason}")
    with ExitStack() as stack:
        try:
            yield run_kafka(stack)
        except ImageMissingError as error:
            services.report_absent("kafka", str(error))


@pytest.fixture
def frozen(kafka: Kafka) -> Iterator[Callable[[], None]]:
    """Freezes it when called; thawed at the end at the latest."""
    frozen = False

    def freeze() -> None:
        nonlocal frozen
        kafka.freeze()
        frozen = True

    try:
        yield freeze
    finally:
        if frozen:
            kafka.thaw()


@pytest.fixture
async def broker(kafka: Kafka) -> AsyncIterator[KafkaBroker]:
    broker = KafkaBroker(kafka_settings(kafka.address, publish_timeout=PUBLISH_SECONDS))
    try:
        yield broker
    finally:
        await within(broker.close(), 10)


@pytest.fixture
async def topic(broker: KafkaBroker, unique: Callable[[str], str]) -> str:
    name = unique("topic")
    await within(broker.create_topics([Topic(name)], partitions=1, replication=1))
    return name


async def test_send_without_an_answer_is_unknown_and_the_next_producer_works(
    kafka: Kafka, broker: KafkaBroker, topic: str
) -> None:
    await fill(broker, topic, 1)
    kafka.freeze()
    try:
        began = time.monotonic()
        results = await within(
            asyncio.gather(
                *(broker.publish(Message(topic, b"k", b"unknown")) for _ in range(3)), return_exceptions=True
            )
        )
        assert time.monotonic() - began < PUBLISH_SECONDS + 1.0
        assert all(isinstance(result, DeliveryUnknown) for result in results)
        # The replacement cannot even connect: this one was surely not taken.
        with pytest.raises(Transient, match="not sent") as caught:
            await within(broker.publish(Message(topic, b"k", b"not taken")))
        assert not isinstance(caught.value, DeliveryUnknown)
    finally:
        kafka.thaw()
    record = await within(broker.publish(Message(topic, b"k", b"after"), timeout=10.0))
    async with broker.read([topic], Edge.BEGINNING) as reader:
        iterator = aiter(reader)
        values = [(await within(anext(iterator))).value for _ in range(record.offset + 1)]
    assert values[0] == b"0"
    assert values[-1] == b"after"
    assert set(values[1:-1]) <= {b"unknown"}


async def test_close_with_unanswered_sends_is_bounded_and_leaves_nothing_behind(
    kafka: Kafka, topic: str, frozen: Callable[[], None]
) -> None:
    before = asyncio.all_tasks()
    broker = KafkaBroker(kafka_settings(kafka.address))
    await fill(broker, topic, 1)
    frozen()
    sending = asyncio.create_task(broker.publish(Message(topic, b"k", b"unknown")))
    await until(lambda: handed_over(broker))
    began = time.monotonic()
    await within(broker.close())
    assert time.monotonic() - began < 9.0
    with pytest.raises(DeliveryUnknown):
        await within(sending, 1)
    await until(lambda: asyncio.all_tasks() <= before, 5)


def handed_over(broker: KafkaBroker) -> bool:
    """Whether a message lies with the producer, not acknowledged."""
    producer = broker._publisher._producer
    assert producer is not None
    accumulator = producer._message_accumulator
    return bool(accumulator._batches or accumulator._pending_batches)


async def test_consumer_of_a_frozen_broker_polls_nothing_and_leaves_in_bounded_time(
    broker: KafkaBroker, topic: str, frozen: Callable[[], None], unique: Callable[[str], str]
) -> None:
    await fill(broker, topic, 2)
    before = asyncio.all_tasks()
    async with broker.subscribe(unique("group"), [topic], Watcher()) as consumer:
        first, _ = await take(consumer, 2)
        frozen()
        assert await within(consumer.poll(1, 0.2), 2) == []
        with pytest.raises(Transient):
            await within(consumer.commit({first.source: 1}), 12)
        assert await within(consumer.poll(1, 0.2), 2) == []
        began = time.monotonic()
    assert time.monotonic() - began < 10.0
    await until(lambda: asyncio.all_tasks() <= before, 5)


async def test_loop_goes_on_after_the_broker_thaws(
    kafka: Kafka, broker: KafkaBroker, topic: str, unique: Callable[[str], str]
) -> None:
    handled: list[bytes | None] = []

    async def handle(batch: object) -> None:
        handled.extend(record.value for record in batch)  # type: ignore[attr-defined]

    loop: ConsumerLoop[Record] = ConsumerLoop(
        broker,
        unique("group"),
        [topic],
        decode=lambda r: r,
        ordering_key=lambda r: r.key,
        handle=handle,
        batch_limit=9,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    await fill(broker, topic, 5)
    await until(lambda: sum(loop.state.committed.values()) == 5)
    kafka.freeze()
    try:
        turned = loop.state.last_poll_at
        await until(lambda: loop.state.last_poll_at > turned + 2.0, 10)
    finally:
        kafka.thaw()
    for number in range(5, 10):
        await within(broker.publish(Message(topic, b"k", str(number).encode()), timeout=10.0))
    await until(lambda: sum(loop.state.committed.values()) >= 10, 30)
    stop.set()
    await within(running)
    assert set(handled) == {str(number).encode() for number in range(10)}


async def test_commit_of_a_member_that_lost_its_session_is_refused(
    kafka: Kafka, broker: KafkaBroker, topic: str, unique: Callable[[str], str]
) -> None:
    """What SIGSTOP does to a process, done to an event loop of its own."""
    group, owned, passed_on = unique("group"), threading.Event(), threading.Event()
    await fill(broker, topic, 3)

    async def sleeper() -> None:
        own = KafkaBroker(kafka_settings(kafka.address))
        async with own.subscribe(group, [topic], Watcher()) as consumer:
            records = await take(consumer, 3)
            owned.set()
            assert passed_on.wait(40)  # blocks: nothing of this loop runs meanwhile
            await consumer.commit({records[0].source: 1})

    asleep = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(sleeper())))
    assert await asyncio.to_thread(owned.wait, 20)
    async with broker.subscribe(group, [topic], Watcher()) as consumer, polling(consumer) as records:
        await until(lambda: len(records) == 3, 30)
        passed_on.set()
        with pytest.raises(CommitRefused):
            await within(asleep, 30)
        assert [record.offset for record in records] == [0, 1, 2]
