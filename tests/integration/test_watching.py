"""A watch made over REST and a price on its topic give a fire on the topic, in the table and over REST."""

from collections.abc import AsyncIterator, Callable

import pytest

from schemas.watch_events import WatchFired
from tests.support.pipeline import Pipeline
from tests.support.watching_pipeline import WatchedMarket


@pytest.fixture
async def market(pipeline: Pipeline, unique: Callable[[str], str]) -> AsyncIterator[WatchedMarket]:
    """The API and the sink run, no watcher yet."""
    async with pipeline.sink(), pipeline.client() as client:
        yield WatchedMarket(pipeline, client, unique("W").replace("-", "").upper())


async def test_fire_is_on_the_topic_in_the_table_and_over_rest(
    pipeline: Pipeline, market: WatchedMarket
) -> None:
    watch_id = await market.watch()
    async with pipeline.watcher():
        await market.tick(99, 98, 101, 97)
        watch = await market.state(watch_id, "fired")
    assert (watch["fires"], watch["last_fired_price"]) == (1, 101)
    (event,) = await market.events(watch_id)
    (shown,) = (await market.client.get(f"/api/v1/watches/{watch_id}/fires")).json()["data"]
    assert isinstance(event, WatchFired)
    assert shown["fire_id"] == event.fire_id
    assert (shown["price"], shown["target"]) == (101, 100)


async def test_watch_created_while_watcher_runs_fires(pipeline: Pipeline, market: WatchedMarket) -> None:
    async with pipeline.watcher():
        await market.tick(99)
        watch_id = await market.watch(condition="cross_up")
        await market.tick(101)
        assert (await market.state(watch_id, "fired"))["last_fired_price"] == 101


async def test_second_watcher_publishes_fires_of_the_gap(pipeline: Pipeline, market: WatchedMarket) -> None:
    watch_id = await market.watch(repeat="always", cooldown_seconds=0, condition="cross_up")
    async with pipeline.watcher():
        await market.tick(99, 101, 99)
        await market.wait_for_fires(watch_id, 1)
    await market.tick(102)
    async with pipeline.watcher():
        await market.tick(99, 103)
        fires = await market.wait_for_fires(watch_id, 3)
    assert [fire["price"] for fire in fires] == [101, 102, 103]


async def test_two_watchers_publish_each_fire_under_one_id(pipeline: Pipeline, market: WatchedMarket) -> None:
    watch_id = await market.watch(repeat="always", cooldown_seconds=0)
    async with pipeline.watcher():
        await market.tick(99, 101)
        await market.wait_for_fires(watch_id, 1)
        async with pipeline.watcher():
            await market.tick(98, 102)
            await market.wait_for_fires(watch_id, 3)
        await market.tick(97)
        fires = await market.wait_for_fires(watch_id, 4)
    assert [fire["price"] for fire in fires] == [101, 98, 102, 97]
    assert len({event.event_id for event in await market.events(watch_id)}) == 4
