"""The house under contract: in memory always, on Kafka where there is one."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.brokers import House, KafkaHouse, MemoryHouse


@pytest.fixture(params=["memory", "kafka"])
async def house(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> AsyncIterator[House]:
    if request.param == "memory":
        house: MemoryHouse | KafkaHouse = MemoryHouse(unique)
    else:
        house = KafkaHouse(request.getfixturevalue("kafka_bootstrap"), unique)
    try:
        yield house
    finally:
        await house.close()
