"""No Kafka at the address: everything answers in bounded time, and says that it may go well later."""

import asyncio

import pytest

from broker.kafka.broker import KafkaBroker
from broker.ports import Edge, Message
from runtime.errors import ConfigurationError, Transient
from runtime.settings import Settings
from schemas.topics import REQUESTS
from tests.support.brokers import Watcher, kafka_settings
from tests.support.containers import find_free_port
from tests.support.deadlines import within


@pytest.fixture
async def broker() -> KafkaBroker:
    return KafkaBroker(kafka_settings(f"127.0.0.1:{find_free_port()}", publish_timeout=1.0))


async def test_publish_without_a_broker_is_transient(broker: KafkaBroker) -> None:
    with pytest.raises(Transient, match="not sent"):
        await within(broker.publish(Message("t", None, b"")), 3)
    await within(broker.close(), 3)


async def test_poll_without_a_broker_is_transient(broker: KafkaBroker) -> None:
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        for _ in range(2):
            with pytest.raises(Transient, match="not polled"):
                await within(consumer.poll(1, 0.1), 3)


async def test_read_without_a_broker_is_transient(broker: KafkaBroker) -> None:
    with pytest.raises(Transient):
        async with asyncio.timeout(3), broker.read(["t"], Edge.END):
            pass


async def test_create_topics_without_a_broker_is_transient(broker: KafkaBroker) -> None:
    with pytest.raises(Transient):
        await within(broker.create_topics([REQUESTS], partitions=1, replication=1), 3)


async def test_broker_is_not_reachable_without_a_server(broker: KafkaBroker) -> None:
    assert not await within(broker.is_reachable(1.0), 3)


async def test_calls_to_a_silent_host_end_in_bounded_time(silent_server: int) -> None:
    broker = KafkaBroker(kafka_settings(f"127.0.0.1:{silent_server}", publish_timeout=0.5))
    assert not await within(broker.is_reachable(0.5), 3)
    with pytest.raises(Transient, match="not sent"):
        await within(broker.publish(Message("t", None, b"")), 5)
    await within(broker.close(), 3)


async def test_broker_names_the_setting_of_a_missing_address() -> None:
    with pytest.raises(ConfigurationError, match="STRANDLINE_KAFKA_BOOTSTRAP"):
        KafkaBroker(Settings(kafka_bootstrap=None))
