"""One pipeline in two configurations: Kafka with MySQL, and embedded."""

from collections.abc import AsyncIterator, Callable

import pytest

from runtime.settings import Settings
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.simulated import Simulated, simulated


@pytest.fixture
async def exchange() -> AsyncIterator[Simulated]:
    async with simulated() as exchange:
        yield exchange


@pytest.fixture(params=["embedded", "real"])
def pipeline_settings(
    request: pytest.FixtureRequest, exchange: Simulated, unique: Callable[[str], str]
) -> Settings:
    """Settings whose exchange `binance` is simulated, with topics and groups that no other test uses."""
    real = request.param == "real"
    where = {
        "kafka_bootstrap": request.getfixturevalue("kafka_for_roles") if real else None,
        "database_url": request.getfixturevalue("migrated_mysql_url" if real else "migrated_sqlite_url"),
    }
    return Settings.load(
        exchanges=("binance",),
        exchange="binance",
        exchange_urls={"binance": exchange.url},
        topic_prefix=f"{unique('pipeline')}." if real else "",
        topic_partitions=4,
        session_timeout=6,
        drain_timeout=5,
        **where,
    )


@pytest.fixture
async def pipeline(pipeline_settings: Settings) -> AsyncIterator[Pipeline]:
    async with open_pipeline(pipeline_settings) as pipeline:
        yield pipeline
