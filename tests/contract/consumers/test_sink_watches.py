"""Fires and expiries of watches, and watches that follow their levels, on every database."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from schemas.tables import watch_fires, watches
from schemas.topics import DEAD_LETTERS
from schemas.watch_events import fire_id
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    NOON,
    make_completed,
    make_expired,
    make_fired,
    make_level,
    make_market,
    to_record,
)
from tests.support.sinks import SinkBench, table, upgraded
from tests.support.watchers import NAIVE, a_row

SOON = NOON + timedelta(minutes=1)


@pytest.fixture
async def bench(migrated_database_url: str) -> AsyncIterator[SinkBench]:
    async with upgraded(migrated_database_url) as engine:
        yield SinkBench(engine)


async def put(bench: SinkBench, watch_id: str = "w", **columns: Any) -> None:
    async with bench.engine.begin() as connection:
        await connection.execute(insert(watches).values(**a_row(watch_id, **columns)))


async def change(bench: SinkBench, **columns: Any) -> None:
    async with bench.engine.begin() as connection:
        await connection.execute(update(watches).values(**columns))


async def watch(bench: SinkBench, watch_id: str = "w") -> dict[str, Any]:
    (found,) = [row for row in await table(bench.engine, watches) if row["id"] == watch_id]
    return found


async def fire_ids(bench: SinkBench) -> list[str]:
    return [row["fire_id"] for row in await table(bench.engine, watch_fires)]


async def test_fire_of_a_standing_watch_is_recorded_with_its_market(bench: SinkBench) -> None:
    await bench.take(make_fired(condition="near", symbol="ETHUSDT"))
    (fire,) = await table(bench.engine, watch_fires)
    assert (fire["condition"], fire["exchange"], fire["symbol"]) == ("near", "sim", "ETHUSDT")


async def test_fire_is_recorded_and_updates_its_watch(bench: SinkBench) -> None:
    await put(bench, level_id="S1", on_move="hold")
    bench.clock.time = SOON
    await bench.take(make_fired(level_id="S1"))

    assert await table(bench.engine, watch_fires) == [
        {
            "fire_id": fire_id("w", 1),
            "watch_id": "w",
            "arm": 1,
            "condition": "touch",
            "target": 100.0,
            "price": 101.0,
            "side": "long",
            "level_id": "S1",
            "at": NAIVE,
            "recorded_at": SOON.replace(tzinfo=None),
            "late": False,
            "exchange": "sim",
            "market_type": "spot",
            "symbol": "BTCUSDT",
        }
    ]
    row = await watch(bench)
    assert (row["state"], row["fires"], row["last_fired_price"], row["last_fired_at"]) == (
        "fired",
        1,
        101.0,
        NAIVE,
    )
    assert (row["version"], row["updated_at"], row["since"]) == (2, SOON.replace(tzinfo=None), NAIVE)


async def test_late_fire_is_recorded_as_late_until_the_next_one(bench: SinkBench) -> None:
    await put(bench, repeat="always")
    await bench.take(make_fired(late=True))
    assert [row["late"] for row in await table(bench.engine, watch_fires)] == [True]
    assert (await watch(bench))["last_fired_late"]
    await bench.take(make_fired(arm=2))
    assert not (await watch(bench))["last_fired_late"]


async def test_fire_received_twice_is_recorded_once(bench: SinkBench) -> None:
    await put(bench)
    await bench.take(make_fired(), make_fired())
    before = await watch(bench)
    bench.clock.time = SOON
    await bench.take(make_fired())
    assert len(await fire_ids(bench)) == 1
    assert await watch(bench) == before


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
@pytest.mark.parametrize("together", [True, False])
async def test_fires_in_any_order_leave_the_same_row(
    bench: SinkBench, order: tuple[int, ...], together: bool
) -> None:
    await put(bench, repeat="always")
    events = [make_fired(arm=arm, price=100.0 + arm, at=NOON + timedelta(seconds=arm)) for arm in order]
    if together:
        await bench.take(*events)
    else:
        for event in events:
            await bench.take(event)
    row = await watch(bench)
    assert (row["fires"], row["last_fired_price"], row["state"]) == (3, 103.0, "active")
    assert len(await fire_ids(bench)) == 3


async def test_reactivated_watch_ignores_its_old_fire(bench: SinkBench) -> None:
    await put(bench)
    await bench.take(make_fired())
    await change(bench, state="active")
    await bench.take(make_fired())
    assert (await watch(bench))["state"] == "active"
    await bench.take(make_fired(arm=2))
    assert (await watch(bench))["state"] == "fired"


@pytest.mark.parametrize("state", ["active", "paused"])
async def test_expiry_ends_watch(bench: SinkBench, state: str) -> None:
    await put(bench, state=state, expires_at=NAIVE + timedelta(microseconds=999))
    await bench.take(make_expired())
    assert (await watch(bench))["state"] == "expired"


async def test_expiry_of_postponed_watch_is_ignored(bench: SinkBench) -> None:
    await put(bench, expires_at=SOON.replace(tzinfo=None))
    await put(bench, "endless")
    await bench.take(make_expired(), make_expired("endless"))
    assert (await watch(bench))["state"] == (await watch(bench, "endless"))["state"] == "active"


@pytest.mark.parametrize(("repeat", "state"), [("once", "fired"), ("always", "expired")])
@pytest.mark.parametrize("turned", [True, False])
async def test_fire_outranks_expiry(bench: SinkBench, repeat: str, state: str, turned: bool) -> None:
    await put(bench, repeat=repeat, expires_at=NAIVE)
    events = [make_fired(), make_expired()]
    for event in reversed(events) if turned else events:
        await bench.take(event)
    row = await watch(bench)
    assert (row["state"], row["fires"]) == (state, 1)


async def test_fire_of_deleted_watch_is_recorded(bench: SinkBench) -> None:
    await put(bench, state="cancelled", deleted_at=NAIVE)
    await bench.take(make_fired(), make_fired("never there"))
    assert len(await fire_ids(bench)) == 2
    assert (await watch(bench))["state"] == "cancelled"


async def test_fire_without_type_and_arm_gets_contract_defaults(bench: SinkBench) -> None:
    await put(bench)
    record = to_record(make_fired())
    value = (record.value or b"").replace(b'"type":"fired",', b"").replace(b',"arm":1', b"")
    assert value != record.value
    await bench.take_records(
        to_record(make_fired(), offset=7), type(record)(**_fields(record) | {"value": value})
    )
    assert len(await fire_ids(bench)) == 1


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).__slots__}


async def test_fire_that_does_not_fit_is_dead_lettered(bench: SinkBench) -> None:
    if bench.engine.dialect.name == "sqlite":
        pytest.skip("SQLite checks no lengths")
    await put(bench)
    await bench.take(make_fired(fire_id="x" * 40), make_fired())
    assert await fire_ids(bench) == [fire_id("w", 1)]
    assert [letter.topic for letter in bench.broker.letters] == [DEAD_LETTERS.name]


BOUND = {
    "exchange": "binance",
    "timeframe": "1h",
    "level_id": "S1",
    "level_price": 100.0,
    "level_low": 99.0,
    "level_high": 101.0,
}


async def publish_levels(bench: SinkBench, *levels: Any, hours: int = 0, market: Any = None) -> None:
    await bench.take(make_completed(market, levels=levels, candle_at=CANDLE + hours * HOUR_MS))


def a_support(price: float, name: str = "S1") -> Any:
    return make_level(price, level_id=name, low=price - 1, high=price + 1)


async def test_follow_watch_moves_with_its_level(bench: SinkBench) -> None:
    await put(bench, on_move="follow", armed_at=NAIVE, **BOUND)
    await put(bench, "above", on_move="follow", target=103.0, **BOUND)
    bench.clock.time = SOON
    await publish_levels(bench, a_support(102.5))

    row = await watch(bench)
    assert (row["target"], row["level_price"], row["level_low"], row["level_high"]) == (
        102.5,
        102.5,
        101.5,
        103.5,
    )
    assert (row["version"], row["since"], row["armed_at"]) == (2, SOON.replace(tzinfo=None), None)
    assert (await watch(bench, "above"))["target"] == 105.5


@pytest.mark.parametrize(("price", "stays"), [(100.4, True), (99.2, True), (101.5, False)])
async def test_close_watch_stays_armed_while_level_shifts_within_zone(
    bench: SinkBench, price: float, stays: bool
) -> None:
    """Price may be beyond it when levels are recomputed just after a close: a disarmed watch would miss the next."""
    await put(bench, on_move="follow", condition="close_above", armed_at=NAIVE, **BOUND)
    bench.clock.time = SOON
    await publish_levels(bench, a_support(price))
    row = await watch(bench)
    assert row["target"] == price
    assert (row["since"], row["armed_at"]) == ((NAIVE, NAIVE) if stays else (SOON.replace(tzinfo=None), None))


async def test_follow_watch_follows_level_under_its_new_id(bench: SinkBench) -> None:
    await put(bench, on_move="follow", **BOUND)
    await publish_levels(bench, a_support(150.0, "S3"), a_support(100.4, "S2"), a_support(100.8, "S4"))
    row = await watch(bench)
    assert (row["level_id"], row["target"]) == ("S2", 100.4)


async def test_follow_watch_keeps_target_while_level_is_absent(bench: SinkBench) -> None:
    await put(bench, on_move="follow", **BOUND)
    await publish_levels(bench, a_support(150.0, "S3"))
    assert (await watch(bench))["version"] == 1
    await publish_levels(bench, a_support(101.0), hours=1)
    assert (await watch(bench))["target"] == 101.0


@pytest.mark.parametrize(
    ("levels", "state"),
    [
        ([a_support(100.0)], "active"),
        ([a_support(100.0, "S2")], "active"),
        ([a_support(100.4)], "active"),
        ([a_support(100.4, "S2")], "active"),
        ([a_support(101.5)], "cancelled"),
        ([a_support(150.0, "S3")], "cancelled"),
        ([], "cancelled"),
    ],
)
async def test_cancel_watch_is_cancelled_when_level_moves_or_disappears(
    bench: SinkBench, levels: list[Any], state: str
) -> None:
    await put(bench, on_move="cancel", **BOUND)
    await publish_levels(bench, *levels)
    assert (await watch(bench))["state"] == state


async def test_cancel_watch_measures_small_shifts_from_the_first_zone(bench: SinkBench) -> None:
    await put(bench, on_move="cancel", **BOUND)
    for hours, (price, name) in enumerate([(100.8, "S1"), (100.8, "S2")]):
        await publish_levels(bench, a_support(price, name), hours=hours)
    row = await watch(bench)
    assert (row["state"], row["level_id"], row["level_price"], row["target"]) == (
        "active",
        "S2",
        100.0,
        100.0,
    )
    await publish_levels(bench, a_support(101.2, "S2"), hours=2)
    assert (await watch(bench))["state"] == "cancelled"


async def test_hold_watch_stays_when_level_moves(bench: SinkBench) -> None:
    await put(bench, on_move="hold", **BOUND)
    await publish_levels(bench, a_support(102.5))
    assert (await watch(bench))["version"] == 1


@pytest.mark.parametrize("ended", [{"state": "fired"}, {"state": "cancelled"}, {"deleted_at": NAIVE}])
async def test_ended_watch_does_not_follow_its_level(bench: SinkBench, ended: dict[str, Any]) -> None:
    await put(bench, on_move="follow", **BOUND | ended)
    await publish_levels(bench, a_support(102.5))
    assert (await watch(bench))["target"] == 100.0


async def test_follow_watch_ignores_result_refused_by_the_guard(bench: SinkBench) -> None:
    await put(bench, on_move="follow", **BOUND)
    await publish_levels(bench, a_support(102.5), hours=1)
    await publish_levels(bench, a_support(90.0))
    assert (await watch(bench))["target"] == 102.5


async def test_follow_watch_ignores_levels_of_other_markets(bench: SinkBench) -> None:
    await put(bench, on_move="follow", **BOUND)
    await publish_levels(bench, a_support(102.5), market=make_market(timeframe="4h"))
    await publish_levels(bench, a_support(102.5), market=make_market("ETHUSDT"))
    assert (await watch(bench))["target"] == 100.0


async def test_follow_watch_moves_once_for_repeated_result(bench: SinkBench) -> None:
    await put(bench, on_move="follow", target=103.0, **BOUND)
    await publish_levels(bench, a_support(102.5))
    await publish_levels(bench, a_support(102.5))
    row = await watch(bench)
    assert (row["target"], row["version"]) == (105.5, 2)


async def test_follow_watch_never_gets_target_of_zero(bench: SinkBench) -> None:
    await put(bench, on_move="follow", target=1.0, **BOUND)
    await publish_levels(bench, a_support(98.5))
    assert (await watch(bench))["target"] == 1.0
