from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from tests.unit.api.fakes import client_of, dependencies

PATH = "/api/v1/exchanges"


async def test_it_tells_what_may_be_asked_for_and_what_is_made_up(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, exchanges=("binance", "sim"), exchange="sim")
    async with client_of(deps) as client:
        assert (await client.get(PATH)).json() == {
            "data": ["binance", "sim"],
            "default": "sim",
            "simulated": ["sim"],
        }


async def test_by_default_nothing_is_made_up(client: AsyncClient) -> None:
    assert (await client.get(PATH)).json()["simulated"] == []
