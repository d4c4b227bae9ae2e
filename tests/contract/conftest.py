"""The house under contract: in memory always, also with a prefix, and on Kafka where there is one."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.brokers import House, KafkaHouse, MemoryHouse


@pytest.fixture(params=["memory", "prefixed", "kafka"])
async def house(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> AsyncIterator[House]:
    if request.param in {"memory", "prefixed"}:
        house: MemoryHouse | KafkaHouse = MemoryHouse(unique, prefixed=request.param == "prefixed")
    else:
        house = KafkaHouse(request.getfixturevalue("kafka_bootstrap"), unique)
    try:
        yield house
    finally:
        await house.close()
