"""`/api/v1/watchlist`: what an operator adds and removes reaches the roles, and outlives a restart."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.watchlist.entries import parse_entry
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.market_table import replace_markets
from producers.watchlist.selection import ListedMarket
from producers.watchlist.watchlist import Watchlist
from runtime.settings import Settings
from tests.support.clock import ManualClock
from tests.unit.api.fakes import NOW

WATCHLIST = "/api/v1/watchlist"
SETTINGS = Settings(exchanges=("binance",))
NO_EXCHANGE = None


async def offer(engine: AsyncEngine, *symbols: str) -> None:
    async with engine.begin() as connection:
        await replace_markets(
            connection, "binance", [ListedMarket("spot", name, 5.0) for name in symbols], NOW
        )


async def start(engine: AsyncEngine, *keys: str) -> Watchlist:
    """Return the watchlist of a scheduler that starts with these entries."""
    clock = ManualClock(NOW)
    known = KnownMarkets(NO_EXCHANGE, engine, ("binance",), clock)  # type: ignore[arg-type]
    await known.load("binance")
    entries = [parse_entry(key, "test", SETTINGS) for key in keys]
    watchlist = Watchlist(
        entries, role="scheduler", known=known, engine=engine, settings=SETTINGS, clock=clock
    )
    await watchlist.load()
    return watchlist


def take(watchlist: Watchlist) -> list[str] | None:
    selection = watchlist.take_selection()
    return None if selection is None else [market.symbol for market in selection.markets]


async def test_watchlist_changes_while_a_role_runs(client: AsyncClient, engine: AsyncEngine) -> None:
    await offer(engine, "BTCUSDT", "ETHUSDT", "ETHBTC")
    watchlist = await start(engine, "binance:spot:*USDT:1h")
    assert take(watchlist) == ["BTCUSDT", "ETHUSDT"]
    assert take(watchlist) is None

    added = await client.put(WATCHLIST, json={"entry": "binance:spot:eth/btc:1h", "priority": 3})
    assert added.json()["data"] | {"changed_at": ""} == {
        "entry": "binance:spot:ETHBTC:1h",
        "priority": 3,
        "is_followed": True,
        "roles": [],
        "changed_at": "",
        "markets": 1,
    }
    removed = await client.delete(WATCHLIST, params={"entry": "binance:spot:BTCUSDT:1h"})
    assert removed.status_code == 204
    await watchlist.load()
    assert take(watchlist) == ["ETHBTC", "ETHUSDT"]

    restarted = await start(engine, "binance:spot:*USDT:1h")
    assert take(restarted) == ["ETHBTC", "ETHUSDT"]
    shown = (await client.get(WATCHLIST)).json()
    assert shown["markets"] == 2
    assert [(one["entry"], one["is_followed"], one["roles"], one["markets"]) for one in shown["data"]] == [
        ("binance:spot:*USDT:1h", True, ["scheduler"], 2),
        ("binance:spot:BTCUSDT:1h", False, [], 1),
        ("binance:spot:ETHBTC:1h", True, [], 1),
    ]


async def test_watchlist_forgets_what_was_added_and_brings_back_what_was_removed(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    await offer(engine, "BTCUSDT", "ETHBTC")
    watchlist = await start(engine, "binance:spot:*USDT:1h")
    for entry in ("binance:spot:ETHBTC:1h", "binance:spot:*USDT:1h"):
        await client.put(WATCHLIST, json={"entry": entry})
        assert (await client.delete(WATCHLIST, params={"entry": entry})).status_code == 204
    await watchlist.load()
    assert take(watchlist) == []
    assert (await client.delete(WATCHLIST, params={"entry": "binance:spot:ETHBTC:1h"})).status_code == 404
    await client.put(WATCHLIST, json={"entry": "binance:spot:*USDT:1h"})
    await watchlist.load()
    assert take(watchlist) == ["BTCUSDT"]


async def test_watchlist_refuses_what_cannot_be_followed(client: AsyncClient, engine: AsyncEngine) -> None:
    await offer(engine, "BTCUSDT")
    for entry, expected in (
        ("nowhere:spot:BTCUSDT:1h", "'nowhere' is not one of"),
        ("binance:spot:BTCUSDT:7h", "timeframe"),
        ("BTCUSDT", "exchange:market_type:SYMBOL:timeframe"),
        ("binance:spot:GONEUSDT:1h", "binance has no spot market GONEUSDT"),
    ):
        answer = await client.put(WATCHLIST, json={"entry": entry})
        assert (answer.status_code, expected in answer.json()["detail"]) == (422, True), answer.text
    assert (
        await client.put(WATCHLIST, json={"entry": "binance:spot:BTCUSDT:1h", "priority": 10**6})
    ).status_code == 422
    assert (await client.get(WATCHLIST)).json() == {"data": [], "markets": 0}
