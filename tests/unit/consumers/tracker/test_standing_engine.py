"""Standing watches in the tracker: they fire once, over restarts, and gather what follows a fire."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from broker.ports import Edge
from consumers.tracker.handler import Tracker
from consumers.tracker.standing import engine as standing_engine
from consumers.tracker.standing.engine import GATHER_SECONDS
from runtime.errors import Transient
from schemas.tables import standing_members, standing_watches
from schemas.topics import WATCH_EVENTS
from schemas.values import to_naive_utc
from schemas.watch_events import WatchFired, read_watch_event
from schemas.watches import StandingQuestion
from tests.support.events import NOON, make_completed, make_level
from tests.support.trackers import TrackerBench, feed, make_tick

WATCH = "00000000-0000-4000-8000-000000000001"
LEVELS = tuple(make_level(price, level_id=f"S{price:g}", last_price=110.0) for price in (95.0, 95.5, 90.0))


@pytest.fixture
async def watching(bench: TrackerBench) -> TrackerBench:
    """A tracker's tables with three levels far from the price, 110, and a watch of those within 1 %."""
    await bench.take(
        make_completed(last_price=110.0, levels=LEVELS, support_levels=tuple(level.price for level in LEVELS))
    )
    now = to_naive_utc(NOON)
    row = {"id": WATCH, "name": "mine", "question": StandingQuestion(within_pct=1).model_dump(mode="json")}
    row |= {"delivery": None, "state": "active", "version": 1, "created_at": now, "updated_at": now}
    async with bench.engine.begin() as connection:
        await connection.execute(insert(standing_watches).values(**row))
    return bench


async def tick(tracker: Tracker, *prices: float, minutes: float = 61.0) -> None:
    for number, price in enumerate(prices):
        await feed(tracker, [make_tick(price, minutes + number / 100)])


async def read_fires(bench: TrackerBench) -> list[WatchFired]:
    async with bench.topics.read([WATCH_EVENTS.name], Edge.BEGINNING) as reader:
        records, found = aiter(reader), []
        while not await reader.is_caught_up():
            event = read_watch_event((await anext(records)).value or b"")
            assert isinstance(event, WatchFired)
            found.append(event)
        return found


async def count_rows(bench: TrackerBench) -> int:
    async with bench.engine.connect() as connection:
        return len((await connection.execute(select(standing_members))).all())


async def test_level_that_comes_near_fires_once_and_names_the_others(watching: TrackerBench) -> None:
    await tick(watching.tracker(), 100.0, 95.2, 95.3)
    (fire,) = await read_fires(watching)
    assert (fire.watch_id, fire.condition, fire.note, fire.price) == (WATCH, "near", "mine", 95.2)
    assert {fire.target, *(other.target for other in fire.others)} == {95.0, 95.5}
    assert fire.others_total == 1


async def test_restarted_tracker_fires_nothing_again(watching: TrackerBench) -> None:
    await tick(watching.tracker(), 100.0, 95.2)
    await tick(watching.tracker(), 95.2, minutes=62)
    assert len(await read_fires(watching)) == 1


async def test_level_that_left_fires_again(watching: TrackerBench) -> None:
    await tick(watching.tracker(), 90.5, 100.0)
    await tick(watching.tracker(), 90.5, minutes=62)
    assert len({fire.fire_id for fire in await read_fires(watching)}) == 2


async def test_levels_soon_after_a_fire_are_gathered_into_one(watching: TrackerBench) -> None:
    tracker = watching.tracker()
    await tick(tracker, 90.5, 96.3, 94.9)
    assert len(await read_fires(watching)) == 1
    watching.clock.time += timedelta(seconds=GATHER_SECONDS)
    await tick(tracker, 100.0, minutes=62)
    first, digest = await read_fires(watching)
    assert (first.others_total, digest.others_total) == (0, 1)
    assert await count_rows(watching) == 0


async def test_fire_that_a_crash_kept_back_is_published_with_the_same_id(
    watching: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(standing_engine, "clear_fire", fail)
        with pytest.raises(RuntimeError):
            await tick(watching.tracker(), 95.2)
    await tick(watching.tracker(), 95.3, minutes=62)
    before, after = await read_fires(watching)
    assert before == after


async def test_failed_write_is_repeated_without_a_second_fire(
    watching: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, failures = standing_engine.save_steps, [Transient("away")]

    async def fail_once(*arguments: object) -> None:
        if failures:
            raise failures.pop()
        await save(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(standing_engine, "save_steps", fail_once)
    await tick(watching.tracker(), 95.2)
    assert len(await read_fires(watching)) == 1


async def test_assignment_during_a_batch_takes_effect_before_the_next(
    watching: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker, save = watching.tracker(), standing_engine.save_steps

    async def assign(*arguments: object) -> None:
        tracker.on_assigned([])
        await save(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(standing_engine, "save_steps", assign)
    await tick(tracker, 95.2, 95.3)
    assert len(await read_fires(watching)) == 1


async def test_levels_of_a_deleted_watch_are_deleted(watching: TrackerBench) -> None:
    tracker = watching.tracker()
    await tick(tracker, 95.2)
    assert await count_rows(watching) == 2
    async with watching.engine.begin() as connection:
        await connection.execute(delete(standing_watches))
    watching.clock.time += timedelta(seconds=2)
    await tick(tracker, 95.2, minutes=62)
    assert await count_rows(watching) == 0
