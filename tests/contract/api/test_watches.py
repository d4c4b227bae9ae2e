"""`/api/v1/watches`: idempotent creation, lists, updates and deletion."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from exchanges.latest_prices import open_latest_prices
from exchanges.ports import Quote, Tradable
from producers.watchlist.market_table import replace_markets
from producers.watchlist.selection import ListedMarket
from runtime.clock import SystemClock
from schemas.tables import watches
from schemas.values import to_ms, to_naive_utc
from tests.support.containers import find_free_port
from tests.support.events import make_level
from tests.unit.api.fakes import NOW, client_of, dependencies, put_result

WATCHES = "/api/v1/watches"
BODY = {"symbol": "BTC/USDT", "condition": "touch", "target": 64000.5, "side": "long"}


async def create_watch(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(WATCHES, json=BODY | fields)
    assert answer.status_code == 201, answer.text
    watch: dict[str, Any] = answer.json()["data"]
    return watch


async def update_watch(client: AsyncClient, watch: dict[str, Any], **fields: Any) -> Response:
    return await client.patch(f"{WATCHES}/{watch['id']}", json=fields)


async def test_watch_has_defaults(client: AsyncClient) -> None:
    watch = await create_watch(client)

    assert watch | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "",
        "exchange": "binance",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "condition": "touch",
        "timeframe": None,
        "target": 64000.5,
        "side": "long",
        "level_id": None,
        "on_move": None,
        "repeat": "once",
        "cooldown_seconds": 0,
        "expires_at": None,
        "note": None,
        "delivery": None,
        "within_pct": None,
        "within_atr": None,
        "client_key": None,
        "state": "active",
        "fires": 0,
        "last_fired_at": None,
        "last_fired_price": None,
        "last_fired_late": False,
        "created_at": "",
        "updated_at": "",
        "last_price": None,
        "price_at": None,
        "blind": False,
        "blind_since": None,
        "distance_pct": None,
    }
    assert str(uuid.UUID(watch["id"])) == watch["id"]
    assert (await client.get(f"{WATCHES}/{watch['id']}")).json()["data"] == watch


async def test_watch_treats_null_as_absent(client: AsyncClient) -> None:
    names = ("repeat", "timeframe", "market_type", "exchange", "on_move", "expires_at", "cooldown_seconds")
    watch = await create_watch(client, client_key="k", **dict.fromkeys(names))
    assert (watch["repeat"], watch["market_type"], watch["exchange"]) == ("once", "spot", "binance")
    assert (await client.post(WATCHES, json=BODY | {"client_key": "k"})).json()["data"] == watch


async def test_watch_keeps_every_given_field(client: AsyncClient) -> None:
    said = {
        "market_type": "future",
        "condition": "close_above",
        "timeframe": "4h",
        "side": "short",
        "repeat": "always",
        "cooldown_seconds": 5,
        "expires_at": "2027-01-01T00:00:00Z",
        "note": "注意 🐈",
        "client_key": "k:1",
    }
    watch = await create_watch(client, **said)
    assert {name: watch[name] for name in said} == said


async def test_repeated_watch_has_a_default_cooldown(client: AsyncClient) -> None:
    assert (await create_watch(client, repeat="always"))["cooldown_seconds"] == 60
    assert (await create_watch(client, repeat="always", cooldown_seconds=0))["cooldown_seconds"] == 0


@pytest.mark.parametrize(
    ("was", "said", "rests"),
    [({}, {}, 60), ({}, {"cooldown_seconds": 0}, 0), ({"cooldown_seconds": 5}, {}, 5)],
)
async def test_watch_changed_to_repeat_gets_the_default_cooldown(
    client: AsyncClient, was: dict[str, Any], said: dict[str, Any], rests: int
) -> None:
    watch = await create_watch(client, **was)
    changed = await update_watch(client, watch, repeat="always", **said)
    assert changed.json()["data"]["cooldown_seconds"] == rests


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"target": None}, "target"),
        ({"target": 0}, "target"),
        ({"target": -1}, "target"),
        ({"target": "NaN"}, "target"),
        ({"condition": "near"}, "condition"),
        ({"condition": "approach"}, "give within_pct or within_atr"),
        ({"condition": "approach", "within_pct": 1, "within_atr": 1}, "and not both"),
        ({"condition": "approach", "within_pct": 51}, "within_pct"),
        ({"condition": "approach", "within_pct": 0}, "within_pct"),
        (
            {"condition": "approach", "within_atr": 1},
            "the mean true range of binance:spot:BTCUSDT:1h is not known",
        ),
        ({"within_pct": 1}, "only the condition approach has a distance"),
        ({"side": "buy"}, "side"),
        ({"side": None}, "side"),
        ({"symbol": "?"}, "symbol"),
        ({"exchange": "nowhere"}, "exchange"),
        ({"market_type": "option"}, "market_type"),
        ({"timeframe": "7m"}, "timeframe"),
        ({"on_move": "hold"}, "on_move"),
        ({"repeat": "twice"}, "repeat"),
        ({"cooldown_seconds": -1}, "cooldown_seconds"),
        ({"expires_at": "2026-11-22T12:30:00Z"}, "expires_at"),
        ({"note": "n" * 201}, "note"),
        ({"note": "a\0b"}, "note"),
        ({"client_key": "two words"}, "client_key"),
        ({"level_id": "S1", "target": None}, "level_id"),
        ({"expire_at": "2027-01-01T00:00:00Z"}, "expire_at"),
    ],
)
async def test_watch_with_an_invalid_field_is_refused(
    client: AsyncClient, fields: dict[str, Any], named: str
) -> None:
    answer = await client.post(WATCHES, json=BODY | fields)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(WATCHES)).json()["total"] == 0


async def test_client_key_creates_one_watch(client: AsyncClient) -> None:
    watch = await create_watch(client, client_key="k")

    again = await client.post(WATCHES, json=BODY | {"client_key": "k", "symbol": "btcusdt"})
    other = await client.post(WATCHES, json=BODY | {"client_key": "k", "target": 1.0})

    assert (again.status_code, again.json()["data"]) == (200, watch)
    assert other.status_code == 409
    assert watch["id"] in other.json()["detail"]
    assert (await client.get(WATCHES)).json()["total"] == 1


async def test_client_key_survives_changes_and_is_free_after_deletion(
    client: AsyncClient,
) -> None:
    watch = await create_watch(client, client_key="k")
    await update_watch(client, watch, target=63000)
    assert (await client.post(WATCHES, json=BODY | {"client_key": "k"})).status_code == 200

    assert (await client.delete(f"{WATCHES}/{watch['id']}")).status_code == 204
    assert (await create_watch(client, client_key="k"))["id"] != watch["id"]


async def test_watch_of_a_level_takes_its_price(client: AsyncClient, engine: AsyncEngine) -> None:
    level = make_level().model_dump(mode="json")
    await put_result(engine, "BTCUSDT", timeframe="4h", levels=[level])
    bound = {"level_id": level["level_id"], "timeframe": "4h"}

    watch = await create_watch(client, **bound, target=None)
    assert (watch["target"], watch["on_move"], watch["timeframe"]) == (level["price"], "follow", "4h")
    assert (await create_watch(client, **bound, target=7, on_move="cancel"))["target"] == 7

    elsewhere = await client.post(WATCHES, json=BODY | bound | {"timeframe": "1h"})
    assert elsewhere.status_code == 422


async def test_approach_counts_in_ranges_of_the_newest_result(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    level = make_level(64_000.0, last_price=65_000.0, distance_atr=2.0)
    row = {"support_levels": [64_000.0], "resistance_levels": [], "last_price": 65_000.0}
    await put_result(engine, "BTCUSDT", levels=[level.model_dump(mode="json")], **row)

    watch = await create_watch(client, condition="approach", target=64_000.0, within_atr=1.5)
    assert (watch["within_pct"], watch["within_atr"], watch["timeframe"]) == (None, 1.5, "1h")
    assert await read_range(engine, watch) == pytest.approx(65_000 * (65_000 / 64_000 - 1) / 2)

    far = await client.post(WATCHES, json=BODY | {"condition": "approach", "target": 1.0, "within_atr": 1})
    assert far.status_code == 422
    assert "not below the target" in far.json()["detail"]


async def test_approach_is_changed_between_percent_ranges_and_other_conditions(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    watch = await create_watch(client)
    missing = await update_watch(client, watch, condition="approach")
    assert (missing.status_code, "give within_pct" in missing.json()["detail"]) == (422, True)

    near = (await update_watch(client, watch, condition="approach", within_pct=2)).json()["data"]
    assert (near["within_pct"], near["within_atr"]) == (2.0, None)
    kept = (await update_watch(client, watch, note="a")).json()["data"]
    assert kept["within_pct"] == 2.0
    unknown = await update_watch(client, watch, within_atr=1)
    assert (unknown.status_code, "is not known" in unknown.json()["detail"]) == (422, True)

    touch = (await update_watch(client, watch, condition="touch")).json()["data"]
    assert (touch["within_pct"], touch["within_atr"]) == (None, None)
    assert (await update_watch(client, watch, within_pct=1)).status_code == 422


async def read_range(engine: AsyncEngine, watch: dict[str, Any]) -> float:
    async with engine.connect() as connection:
        found = (await connection.execute(select(watches.c.atr).where(watches.c.id == watch["id"]))).scalar()
    assert found is not None
    return float(found)


async def test_watch_distance_is_from_the_newest_row(client: AsyncClient, engine: AsyncEngine) -> None:
    old, new = NOW.replace(tzinfo=None) - timedelta(days=1), NOW.replace(tzinfo=None)
    await put_result(engine, "BTCUSDT", last_price=80000.0, updated_at=new)
    await put_result(engine, "BTCUSDT", last_price=70000.0, updated_at=old, timeframe="4h")
    await put_result(engine, "BTCUSDT", last_price=1.0, market_type="future")

    watch = await create_watch(client, target=79000)
    assert (watch["last_price"], watch["distance_pct"]) == (80000.0, -1.25)


async def test_watch_list_is_filtered_and_paged(client: AsyncClient) -> None:
    for symbol in ("BTCUSDT", "ETHUSDT", "BTCEUR"):
        await create_watch(client, symbol=symbol)
    paused = await create_watch(client, symbol="SOLUSDT", market_type="future")
    await update_watch(client, paused, state="paused")

    async def symbols(**query: Any) -> set[str]:
        found = (await client.get(WATCHES, params=query)).json()
        assert found["total"] == len(found["data"])
        return {watch["symbol"] for watch in found["data"]}

    assert await symbols(symbol="btc") == {"BTCUSDT", "BTCEUR"}
    assert await symbols(symbol="BTC/USDT") == {"BTCUSDT"}
    assert await symbols(state="paused") == await symbols(market_type="future") == {"SOLUSDT"}
    assert await symbols(exchange="bybit") == set()
    assert await symbols(exchange="Binance", state="active", symbol="") == {"BTCUSDT", "ETHUSDT", "BTCEUR"}
    page = (await client.get(WATCHES, params={"page": 2, "pageSize": 3})).json()
    assert (len(page["data"]), page["total"], page["page"], page["totalPages"]) == (1, 4, 2, 2)
    assert (await client.get(WATCHES, params={"state": "asleep"})).status_code == 422


async def test_watch_update_changes_the_given_fields_only(client: AsyncClient) -> None:
    watch = await create_watch(client, note="n", expires_at="2027-01-01T00:00:00Z")

    changed = (await update_watch(client, watch, target=1.5, side="short", note=None)).json()["data"]

    assert changed | {"updated_at": ""} == watch | {
        "updated_at": "",
        "target": 1.5,
        "side": "short",
        "note": None,
    }
    for nothing_new in (
        {},
        {"target": 1.5, "note": None, "state": "active", "expires_at": "2027-01-01T00:00:00Z"},
    ):
        assert (await update_watch(client, watch, **nothing_new)).json()["data"] == changed


@pytest.mark.parametrize(
    "fields",
    [
        {"target": 0},
        {"target": None},
        {"state": "fired"},
        {"state": None},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"condition": "x"},
        {"on_move": "hold"},
        {"timeframe": "4h"},
        {"symbol": "ETHUSDT"},
        {"targett": 7},
        {"target": 7, "fires": 0},
    ],
)
async def test_watch_update_with_an_invalid_field_is_refused(
    client: AsyncClient, fields: dict[str, Any]
) -> None:
    watch = await create_watch(client)
    refused = await update_watch(client, watch, **fields)
    assert refused.status_code == 422
    assert list(fields)[-1] in refused.json()["detail"]
    assert (await client.get(f"{WATCHES}/{watch['id']}")).json()["data"] == watch


async def test_watch_can_be_paused_and_resumed(client: AsyncClient) -> None:
    watch = await create_watch(client)
    for state in ("paused", "paused", "active"):
        assert (await update_watch(client, watch, state=state)).json()["data"]["state"] == state


async def test_watch_of_a_close_gets_a_timeframe(client: AsyncClient) -> None:
    watch = await create_watch(client)
    changed = (await update_watch(client, watch, condition="close_below")).json()["data"]
    assert (changed["condition"], changed["timeframe"]) == ("close_below", "1h")


async def test_watch_is_gone_after_deletion(client: AsyncClient) -> None:
    watch = await create_watch(client)
    there = f"{WATCHES}/{watch['id']}"
    assert (await client.get(f"{there}/fires")).json() == {"data": []}

    assert (await client.delete(there)).status_code == 204

    for gone in (
        await client.get(there),
        await client.get(f"{there}/fires"),
        await client.delete(there),
        await update_watch(client, watch, target=1),
        await client.get(f"{WATCHES}/{'x' * 300}"),
        await client.get(f"{WATCHES}/猫"),
    ):
        assert gone.status_code == 404
    assert (await client.get(WATCHES)).json()["data"] == []


DELIVERY = {
    "targets": ["telegram 1"],
    "template": "{symbol} {condition} {target}",
    "mute": {"start": "22:00", "end": "07:00", "zone": "Europe/Berlin"},
}


async def test_watch_keeps_its_delivery_until_it_is_cleared(client: AsyncClient) -> None:
    watch = await create_watch(client, delivery=DELIVERY)
    assert watch["delivery"] == DELIVERY
    assert (await update_watch(client, watch, note="x")).json()["data"]["delivery"] == DELIVERY
    changed = (await update_watch(client, watch, delivery={"template": "{price}"})).json()["data"]
    assert changed["delivery"] == {"targets": None, "template": "{price}", "mute": None}
    assert (await update_watch(client, watch, delivery=None)).json()["data"]["delivery"] is None
    assert (await create_watch(client, delivery={}))["delivery"] is None


@pytest.mark.parametrize(
    ("delivery", "part"),
    [
        ({"template": "{prise}"}, "{prise} is no placeholder: use {symbol}"),
        ({"template": "{price:.2f}"}, "takes no format"),
        ({"template": "{price"}, "not paired"),
        ({"template": "x" * 501}, "500"),
        ({"template": "a\u0000"}, "control characters"),
        ({"targets": []}, "at least 1"),
        ({"mute": {"start": "25:00", "end": "07:00", "zone": "UTC"}}, "start"),
        ({"mute": {"start": "07:00", "end": "07:00", "zone": "UTC"}}, "start and end are equal"),
        ({"mute": {"start": "22:00", "end": "07:00", "zone": "Mars/Base"}}, "'Mars/Base' is no time zone"),
        ({"mute": {"start": "22:00", "end": "07:00"}}, "zone"),
        ({"sound": "loud"}, "sound"),
    ],
)
async def test_watch_with_an_invalid_delivery_is_refused(
    client: AsyncClient, delivery: dict[str, Any], part: str
) -> None:
    watch = await create_watch(client)
    for refused in (
        await client.post(WATCHES, json=BODY | {"delivery": delivery}),
        await update_watch(client, watch, delivery=delivery),
    ):
        assert refused.status_code == 422
        assert part in refused.json()["detail"]


async def test_deleted_watch_is_restored_with_its_state(client: AsyncClient) -> None:
    watch = await create_watch(client, client_key="mine")
    await update_watch(client, watch, state="paused")
    there = f"{WATCHES}/{watch['id']}"
    await client.delete(there)

    for _ in range(2):
        restored = (await client.post(f"{there}/restore")).json()["data"]
        assert (restored["state"], restored["target"], restored["client_key"]) == ("paused", 64000.5, None)
    assert [listed["id"] for listed in (await client.get(WATCHES)).json()["data"]] == [watch["id"]]


async def test_restored_watch_starts_like_a_new_one(client: AsyncClient, engine: AsyncEngine) -> None:
    watch = await create_watch(client)
    before = to_naive_utc(NOW - timedelta(days=9))
    async with engine.begin() as connection:
        await connection.execute(update(watches).values(since=before, armed_at=before))
    await client.delete(f"{WATCHES}/{watch['id']}")
    await client.post(f"{WATCHES}/{watch['id']}/restore")
    async with engine.connect() as connection:
        since, armed_at = (await connection.execute(select(watches.c.since, watches.c.armed_at))).one()
    assert since > before
    assert armed_at is None


@pytest.mark.parametrize("unknown", ["x", "x" * 300, "猫"])
async def test_unknown_watch_cannot_be_restored(client: AsyncClient, unknown: str) -> None:
    assert (await client.post(f"{WATCHES}/{unknown}/restore")).status_code == 404


async def test_watch_writes_need_a_key_where_keys_are_set(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with client_of(dependencies(engine, broker=broker, api_keys="secret")) as client:
        there = f"{WATCHES}/{uuid.uuid4()}"
        for refused in (
            await client.post(WATCHES, json=BODY),
            await client.patch(there, json={}),
            await client.delete(there),
        ):
            assert refused.status_code == 401
        assert (await client.get(WATCHES)).status_code == 200
        allowed = await client.post(WATCHES, json=BODY, headers={"X-API-Key": "secret"})
        assert allowed.status_code == 201


async def test_watch_of_a_symbol_that_is_not_offered_is_refused(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    """It would never fire. Where the table of markets is empty or stale, any symbol is accepted."""
    waiting = await create_watch(client, symbol="NOSUCHUSDT")
    await store_market(engine, NOW - timedelta(days=2))
    await create_watch(client, symbol="NOSUCHUSDT")
    await store_market(engine, NOW)
    refused = await client.post(WATCHES, json=BODY | {"symbol": "NOSUCHUSDT"})
    assert refused.status_code == 422
    assert "/api/v1/markets?exchange=binance" in refused.json()["detail"]
    await create_watch(client)
    await create_watch(client, symbol="NOSUCHUSDT", market_type="future")
    assert (await update_watch(client, waiting, target=1.0)).status_code == 200


async def store_market(engine: AsyncEngine, at: datetime) -> None:
    async with engine.begin() as connection:
        await replace_markets(connection, "binance", [ListedMarket("spot", "BTCUSDT", None)], at)


async def test_watch_resume_after_expiry_needs_a_later_one(client: AsyncClient, engine: AsyncEngine) -> None:
    watch = await create_watch(client)
    passed = (NOW - timedelta(seconds=1)).replace(tzinfo=None)
    async with engine.begin() as connection:
        await connection.execute(update(watches).values(state="paused", expires_at=passed))
    refused = await update_watch(client, watch, state="active")
    assert (refused.status_code, "later expires_at" in refused.json()["detail"]) == (422, True)
    assert (await update_watch(client, watch, state="active", expires_at=None)).json()["data"][
        "state"
    ] == "active"


@pytest.mark.parametrize(
    ("ended", "fields", "state"),
    [
        ("fired", {"target": 7}, "active"),
        ("fired", {"condition": "cross_up"}, "active"),
        ("fired", {"repeat": "always"}, "active"),
        ("fired", {"target": 64000.5, "note": "n"}, "fired"),
        ("expired", {"expires_at": "2027-01-01T00:00:00Z"}, "active"),
        ("expired", {"expires_at": None}, "active"),
        ("expired", {"note": "n"}, "expired"),
        ("cancelled", {"target": 7}, "active"),
        ("paused", {"target": 7}, "paused"),
    ],
)
async def test_watch_that_ended_is_armed_again_by_what_would_have_no_effect(
    client: AsyncClient, engine: AsyncEngine, ended: str, fields: dict[str, Any], state: str
) -> None:
    watch = await create_watch(client, expires_at="2026-12-01T00:00:00Z")
    async with engine.begin() as connection:
        values = {"state": ended, "fires": 1, "armed_at": NOW.replace(tzinfo=None)}
        if ended == "expired":
            values["expires_at"] = (NOW - timedelta(seconds=1)).replace(tzinfo=None)
        await connection.execute(update(watches).values(**values))
    changed = (await update_watch(client, watch, **fields)).json()["data"]
    assert (changed["state"], changed["fires"]) == (state, 1)


async def test_watch_that_expired_needs_a_later_end_to_change_its_target(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    watch = await create_watch(client)
    passed = (NOW - timedelta(seconds=1)).replace(tzinfo=None)
    async with engine.begin() as connection:
        await connection.execute(update(watches).values(state="expired", expires_at=passed))
    refused = await update_watch(client, watch, target=7)
    assert (refused.status_code, "later expires_at" in refused.json()["detail"]) == (422, True)
    accepted = await update_watch(client, watch, target=7, expires_at="2027-01-01T00:00:00Z")
    assert accepted.json()["data"]["state"] == "active"


async def test_watch_price_comes_from_redis(
    engine: AsyncEngine, broker: MemoryBroker, redis_url: str
) -> None:
    await put_result(engine, "BTCUSDT", last_price=1.0)
    await put_result(engine, "ETHUSDT", last_price=2.0)
    latest = open_latest_prices(SecretStr(redis_url), SystemClock())
    assert latest is not None
    await latest.store([Quote(Tradable("binance", "spot", "BTCUSDT"), 80_000.0, to_ms(NOW))])
    await latest.close()
    async with client_of(dependencies(engine, broker=broker, redis_url=redis_url)) as client:
        assert (await create_watch(client))["last_price"] == 80_000.0
        assert (await create_watch(client, symbol="ETHUSDT"))["last_price"] == 2.0


async def test_watch_price_comes_from_the_newest_row_without_redis(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    await put_result(engine, "BTCUSDT", last_price=3.0)
    away = f"redis://127.0.0.1:{find_free_port()}"
    async with client_of(dependencies(engine, broker=broker, redis_url=away)) as client:
        assert (await create_watch(client))["last_price"] == 3.0
