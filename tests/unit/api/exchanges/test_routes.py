from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from tests.unit.api.fakes import client_of, dependencies

PATH = "/api/v1/exchanges"


async def test_exchanges_list_the_allowed_and_the_simulated(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, exchanges=("binance", "sim"), exchange="sim")
    async with client_of(deps) as client:
        assert (await client.get(PATH)).json() == {
            "data": ["binance", "sim"],
            "default": "sim",
            "simulated": ["sim"],
        }


async def test_exchanges_have_no_simulated_one_by_default(client: AsyncClient) -> None:
    assert (await client.get(PATH)).json()["simulated"] == []
