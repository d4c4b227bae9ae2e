"""A Kafka with a running analyzer on a simulated exchange, and the recipes of each language."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from runtime.settings import Settings
from tests.recipes.languages import FIND, Recipes
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.services import Services
from tests.support.simulated import simulated


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pipeline(kafka_for_roles: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pipeline]:
    async with simulated() as exchange:
        settings = Settings.load(
            exchanges=("binance",),
            exchange="binance",
            exchange_urls={"binance": exchange.url},
            topic_partitions=4,
            session_timeout=6,
            drain_timeout=5,
            kafka_bootstrap=kafka_for_roles,
            database_url=f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('recipes')}/strandline.db",
        )
        async with open_pipeline(settings) as pipeline, pipeline.analyzer():
            yield pipeline


@pytest.fixture(scope="module", params=FIND)
def recipes(request: pytest.FixtureRequest, services: Services) -> Recipes:
    return FIND[request.param](services)
