"""A watch over REST, a price on its topic: a fire on the other topic, in the table, and over REST."""

from collections.abc import AsyncIterator, Callable

import pytest

from schemas.events import WatchFired
from tests.support.pipeline import Pipeline
from tests.support.watching_pipeline import Watched


@pytest.fixture
async def watched(pipeline: Pipeline, unique: Callable[[str], str]) -> AsyncIterator[Watched]:
    """The API and the sink at work, no watcher yet."""
    async with pipeline.sink(), pipeline.client() as client:
        yield Watched(pipeline, client, unique("W").replace("-", "").upper())


async def test_a_fire_is_on_the_topic_in_the_table_and_over_rest(
    pipeline: Pipeline, watched: Watched
) -> None:
    watch_id = await watched.watch()
    async with pipeline.watcher():
        await watched.tick(99, 98, 101, 97)
        watch = await watched.state(watch_id, "fired")
    assert (watch["fires"], watch["last_fired_price"]) == (1, 101)
    (event,) = await watched.events(watch_id)
    (shown,) = (await watched.client.get(f"/api/v1/watches/{watch_id}/fires")).json()["data"]
    assert isinstance(event, WatchFired)
    assert shown["fire_id"] == event.fire_id
    assert (shown["price"], shown["target"]) == (101, 100)


async def test_a_watch_made_while_the_watcher_runs_is_heard_of(pipeline: Pipeline, watched: Watched) -> None:
    async with pipeline.watcher():
        await watched.tick(99)
        watch_id = await watched.watch(condition="cross_up")
        await watched.tick(101)
        assert (await watched.state(watch_id, "fired"))["last_fired_price"] == 101


async def test_what_happens_between_two_watchers_is_told_by_the_second(
    pipeline: Pipeline, watched: Watched
) -> None:
    watch_id = await watched.watch(repeat="always", cooldown_seconds=0, condition="cross_up")
    async with pipeline.watcher():
        await watched.tick(99, 101, 99)
        await watched.fired(watch_id, 1)
    await watched.tick(102)
    async with pipeline.watcher():
        await watched.tick(99, 103)
        fires = await watched.fired(watch_id, 3)
    assert [fire["price"] for fire in fires] == [101, 102, 103]


async def test_two_watchers_share_the_markets_and_tell_each_fire_under_one_id(
    pipeline: Pipeline, watched: Watched
) -> None:
    watch_id = await watched.watch(repeat="always", cooldown_seconds=0)
    async with pipeline.watcher():
        await watched.tick(99, 101)
        await watched.fired(watch_id, 1)
        async with pipeline.watcher():
            await watched.tick(98, 102)
            await watched.fired(watch_id, 3)
        await watched.tick(97)
        fires = await watched.fired(watch_id, 4)
    assert [fire["price"] for fire in fires] == [101, 98, 102, 97]
    assert len({event.event_id for event in await watched.events(watch_id)}) == 4
