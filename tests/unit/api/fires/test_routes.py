from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import AsyncClient
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from api.fires.cursor import FireCursor, settle
from schemas.tables import standing_watches, watch_fires, watches
from tests.unit.api.fakes import NOW

NAIVE_NOW = NOW.astimezone(UTC).replace(tzinfo=None)
MARKET = {"exchange": "sim", "market_type": "spot", "symbol": "BTCUSDT"}
ANCIENT = "0-"


def make_watch(watch_id: str, **fields: Any) -> dict[str, Any]:
    return (
        MARKET
        | {"id": watch_id, "condition": "touch", "target": 100.0, "side": "long", "repeat": "always"}
        | {
            "cooldown_seconds": 0,
            "state": "active",
            "fires": 0,
            "version": 0,
            "requested": watch_id,
            "since": NAIVE_NOW,
        }
        | {"created_at": NAIVE_NOW, "updated_at": NAIVE_NOW}
        | fields
    )


def make_fire(
    fire_id: str, recorded_at: datetime, watch_id: str = "w", *, late: bool = False
) -> dict[str, Any]:
    return {
        "fire_id": fire_id,
        "watch_id": watch_id,
        "arm": 1,
        "condition": "touch",
        "target": 100.0,
        "price": 101.0,
        "side": "long",
        "at": recorded_at,
        "recorded_at": recorded_at,
        "late": late,
    }


async def store(engine: AsyncEngine, *fires: dict[str, Any]) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(watch_fires), list(fires))


async def add_watches(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            insert(watches), [make_watch("w", deleted_at=None), make_watch("gone", deleted_at=NAIVE_NOW)]
        )


async def read(client: AsyncClient, **query: str) -> dict[str, Any]:
    response = await client.get("/api/v1/fires", params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


def ids(body: dict[str, Any]) -> list[str]:
    return [fire["fire_id"] for fire in body["data"]]


async def test_fires_since_a_cursor_come_oldest_first_with_their_market(
    engine: AsyncEngine, client: AsyncClient
) -> None:
    await add_watches(engine)
    await store(engine, make_fire("old", NAIVE_NOW - timedelta(hours=1)))
    cursor = (await read(client))["cursor"]
    await store(
        engine,
        make_fire("b", NAIVE_NOW - timedelta(seconds=1)),
        make_fire("a", NAIVE_NOW - timedelta(seconds=2), late=True),
        make_fire("deleted", NAIVE_NOW, "gone"),
    )
    body = await read(client, after=cursor)
    assert ids(body) == [
        "old",
        "a",
        "b",
    ]  # the newest known before comes again, as all of its last seconds do
    assert body["data"][1].items() >= MARKET.items()
    assert [fire["late"] for fire in body["data"]] == [False, True, False]
    assert not body["has_more"]


async def test_fires_of_one_time_are_paged_without_loss(engine: AsyncEngine, client: AsyncClient) -> None:
    await add_watches(engine)
    await store(engine, *(make_fire(f"{n}", NAIVE_NOW) for n in range(5)))
    pages, after = [], ANCIENT
    for _ in range(3):
        body = await read(client, after=after, limit="2")
        pages.append((ids(body), body["has_more"]))
        after = body["cursor"]
    assert pages == [(["0", "1"], True), (["2", "3"], True), (["4"], False)]


async def test_fires_of_standing_watches_come_with_the_market_of_their_level(
    engine: AsyncEngine, client: AsyncClient
) -> None:
    await add_watches(engine)
    async with engine.begin() as connection:
        row = {"id": "standing", "name": "n", "question": {}, "state": "active", "version": 1}
        await connection.execute(
            insert(standing_watches).values(row | {"created_at": NAIVE_NOW, "updated_at": NAIVE_NOW})
        )
    near = {"condition": "near", "level_id": "S1"}
    market = {"exchange": "binance", "market_type": "future", "symbol": "ETHUSDT"}
    await store(
        engine,
        make_fire("a", NAIVE_NOW) | dict.fromkeys(market),
        make_fire("b", NAIVE_NOW, "standing") | near | market,
        make_fire("c", NAIVE_NOW, "standing") | near | dict.fromkeys(market),
        make_fire("d", NAIVE_NOW, "deleted") | near | market,
    )
    first, second = (await read(client, after=ANCIENT))["data"]
    assert (first["fire_id"], first["symbol"]) == ("a", "BTCUSDT")
    assert (second["fire_id"], second["condition"], second["symbol"]) == ("b", "near", "ETHUSDT")


async def test_fire_committed_late_is_not_skipped(engine: AsyncEngine, client: AsyncClient) -> None:
    await add_watches(engine)
    await store(engine, make_fire("new", NAIVE_NOW))
    cursor = (await read(client, after=ANCIENT))["cursor"]
    await store(engine, make_fire("late", NAIVE_NOW - timedelta(seconds=9)))
    assert ids(await read(client, after=cursor)) == ["late", "new"]


async def test_no_fire_gives_a_cursor_before_all(client: AsyncClient) -> None:
    assert await read(client) == {"data": [], "cursor": ANCIENT, "has_more": False}


async def test_text_that_is_no_cursor_is_refused(client: AsyncClient) -> None:
    for text in ("x", "1", "-", "99999999999999999-", "1-XYZ"):
        assert (await client.get("/api/v1/fires", params={"after": text})).status_code == 422


def test_settled_cursor_follows_the_clock_that_is_behind() -> None:
    hour = timedelta(hours=1)
    assert settle(NAIVE_NOW, NAIVE_NOW - hour).recorded_at < NAIVE_NOW - hour
    assert settle(NAIVE_NOW, NAIVE_NOW + hour).recorded_at < NAIVE_NOW


def test_cursor_is_read_as_it_was_written() -> None:
    cursor = FireCursor(NAIVE_NOW, "00000000-0000-4000-8000-000000000000")
    assert FireCursor.parse(str(cursor)) == cursor
