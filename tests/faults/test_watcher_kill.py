"""`kill -9` of the watcher between publishing a fire and committing the price: published, and under one id."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable

import pytest

from runtime.settings import Settings
from tests.faults.test_kill import run_until_killed
from tests.support.dying import WATCHER_STEPS
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.watching_pipeline import WatchedMarket


@pytest.fixture
async def pipeline(kafka_for_roles: str, migrated_mysql_url: str) -> AsyncIterator[Pipeline]:
    settings = Settings.load(
        kafka_bootstrap=kafka_for_roles,
        database_url=migrated_mysql_url,
        exchanges=("binance",),
        topic_partitions=4,
        session_timeout=6,
    )
    async with open_pipeline(settings) as pipeline:
        yield pipeline


@pytest.mark.parametrize("step", WATCHER_STEPS)
async def test_fire_survives_kill_of_its_watcher(
    pipeline: Pipeline, unique: Callable[[str], str], step: str
) -> None:
    async with pipeline.sink(), pipeline.client() as client:
        market = WatchedMarket(pipeline, client, unique("W").replace("-", "").upper())
        watch_id = await market.watch(repeat="always", cooldown_seconds=0)
        async with run_until_killed(pipeline.settings, "watcher", step) as process:
            await market.tick(99, 101, 98)
            _, output = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == -signal.SIGKILL, output.decode()[-2_000:]

        async with pipeline.watcher():
            await market.tick(102)
            fires = await market.wait_for_fires(watch_id, 3)

        assert [fire["price"] for fire in fires] == [101, 98, 102]
        assert len({event.event_id for event in await market.events(watch_id)}) == 3
