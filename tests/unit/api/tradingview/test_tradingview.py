"""The datafeed and the Pine script for TradingView."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.problems import ProblemError
from api.tradingview.symbols import count_decimals, parse_resolution, parse_ticker
from broker.memory.broker import MemoryBroker
from exchanges.ports import Tradable
from runtime.errors import Permanent, Transient
from runtime.settings import Settings
from schemas.values import to_ms
from tests.unit.api.fakes import NOW, ListedCandles, client_of, dependencies, put_result
from tests.unit.api.results.test_views import LEVEL

MARKET = "binance:spot:BTCUSDT:1h"
NOW_SECONDS = to_ms(NOW) // 1_000
HOUR = 3_600
SETTINGS = Settings(_env_file=None)


async def put_level(engine: AsyncEngine, **columns: Any) -> None:
    row = {"levels": [LEVEL], "support_levels": [LEVEL["price"]], "resistance_levels": []}
    await put_result(engine, "BTCUSDT", **row | columns)


@pytest.mark.parametrize(
    ("text", "instrument"),
    [
        ("binance:spot:BTCUSDT", "binance:spot:BTCUSDT"),
        ("binance:future:BTCUSDT", "binance:future:BTCUSDT"),
        ("BINANCE:BTCUSDT", "binance:spot:BTCUSDT"),
        ("BTC/USDT", "binance:spot:BTCUSDT"),
        ("BTCUSDT.P", "binance:future:BTCUSDT"),
    ],
)
def test_ticker_is_read_in_its_spellings(text: str, instrument: str) -> None:
    assert parse_ticker(text, "1h", SETTINGS).instrument == instrument


@pytest.mark.parametrize("text", ["a:b:c:d", "binance:margin:BTCUSDT", "other:BTCUSDT", ":"])
def test_ticker_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(ProblemError):
        parse_ticker(text, "1h", SETTINGS)


def test_resolution_is_a_timeframe() -> None:
    assert [parse_resolution(text) for text in ("1", "60", "D", "1D", "1M")] == ["1m", "1h", "1d", "1d", "1M"]
    with pytest.raises(ProblemError, match="resolution"):
        parse_resolution("7")


@pytest.mark.parametrize(
    ("price", "decimals"), [(100.0, 0), (64_000.5, 1), (0.00001234, 8), (66_065.81, 2), (1e-13, 12)]
)
def test_decimals_are_those_of_the_price(price: float, decimals: int) -> None:
    assert count_decimals(price) == decimals


@given(digits=st.integers(1, 10**9), decimals=st.integers(0, 8))
def test_decimals_are_those_that_a_price_was_written_with(digits: int, decimals: int) -> None:
    written = Decimal(digits).scaleb(-decimals)
    assert count_decimals(float(written)) == max(0, -int(written.normalize().as_tuple().exponent))


async def test_datafeed_describes_itself_and_symbols(client: AsyncClient) -> None:
    config = (await client.get("/udf/config")).json()
    assert (config["supports_marks"], config["supports_search"]) == (True, True)
    assert config["exchanges"][0]["value"] == config["symbols_types"][0]["value"] == ""
    assert "60" in config["supported_resolutions"]
    symbol = (await client.get("/udf/symbols", params={"symbol": "BINANCE:BTCUSDT"})).json()
    assert (symbol["ticker"], symbol["session"], symbol["pricescale"]) == ("binance:spot:BTCUSDT", "24x7", 10)
    assert (await client.get("/udf/time")).text == str(NOW_SECONDS)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("symbols", {"symbol": "a:b:c:d"}, 422),
        ("symbols", {}, 422),
        ("history", {"symbol": "BTCUSDT", "resolution": "7", "to": NOW_SECONDS}, 422),
        ("search", {"exchange": "other"}, 422),
    ],
)
async def test_adapter_reads_errors_without_their_status(
    client: AsyncClient, path: str, query: dict[str, Any], status: int
) -> None:
    answer = await client.get(f"/udf/{path}", params=query)
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["s"], problem["errmsg"]) == ("error", problem["detail"])


@pytest.mark.parametrize(
    ("error", "status"),
    [(Permanent("unknown_symbol", "binance has no BTCUSDT"), 404), (Transient("binance is away"), 503)],
)
@pytest.mark.parametrize("path", ["/udf/symbols?symbol=BTCUSDT", "/udf/search"])
async def test_adapter_reads_errors_of_the_exchange(
    engine: AsyncEngine, broker: MemoryBroker, path: str, error: Exception, status: int
) -> None:
    deps = dependencies(engine, broker=broker, candles=ListedCandles(error=error))
    async with client_of(deps) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["s"], answer.json()["errmsg"]) == (status, "error", str(error))
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_search_finds_markets_that_the_datafeed_knows(client: AsyncClient) -> None:
    query = {"query": "BINANCE:btc/", "type": "", "exchange": "", "limit": 30}
    (found, *_) = (await client.get("/udf/search", params=query)).json()
    assert {"symbol", "full_name", "description", "exchange", "ticker", "type"} <= set(found)
    assert found["symbol"].startswith("BTC")
    symbol = (await client.get("/udf/symbols", params={"symbol": found["ticker"]})).json()
    assert (symbol["name"], symbol["ticker"]) == (found["symbol"], found["ticker"])
    assert (await client.get("/udf/search", params=query | {"limit": 0})).status_code == 422
    futures = (await client.get("/udf/search", params=query | {"type": "future"})).json()
    assert {one["type"] for one in futures} <= {"future"}


class _PartlyAway(ListedCandles):
    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        if exchange == "bybit":
            raise Transient("bybit is away")
        return await super().tradables(exchange)


async def test_search_finds_markets_while_another_exchange_is_away(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, candles=_PartlyAway(), exchanges=("bybit", "binance"))
    async with client_of(deps) as client:
        answer = await client.get("/udf/search", params={"query": "BTC"})
        away = await client.get("/udf/search", params={"query": "BTC", "exchange": "bybit"})
    assert {one["exchange"] for one in answer.json()} == {"binance"}
    assert away.status_code == 503


async def test_history_has_the_bars_before_its_end(client: AsyncClient) -> None:
    query = {"symbol": "binance:spot:BTCUSDT", "resolution": "60", "to": NOW_SECONDS - 5 * HOUR}
    bars = (await client.get("/udf/history", params=query | {"from": NOW_SECONDS - 9 * HOUR})).json()
    assert bars["s"] == "ok"
    assert len(bars["t"]) == 4
    assert len({len(bars[name]) for name in "tohlcv"}) == 1
    assert all(NOW_SECONDS - 9 * HOUR <= time < NOW_SECONDS - 5 * HOUR for time in bars["t"])
    counted = (await client.get("/udf/history", params=query | {"countback": 7})).json()
    assert len(counted["t"]) == 7
    assert counted["t"][-4:] == bars["t"]
    assert (await client.get("/udf/history", params=query | {"to": 10})).json() == {"s": "no_data"}


async def test_marks_are_touches_within_the_span(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_level(engine)
    query = {"symbol": "binance:spot:BTCUSDT", "resolution": "60", "from": 0, "to": NOW_SECONDS}
    marks = (await client.get("/udf/marks", params=query)).json()
    assert [mark["id"] for mark in marks] == [f"{LEVEL['level_id']}:first", f"{LEVEL['level_id']}:last"]
    assert [mark["label"] for mark in marks] == ["S", "S"]
    late = query | {"from": marks[1]["time"]}
    assert len((await client.get("/udf/marks", params=late)).json()) == 1
    assert (await client.get("/udf/marks", params=query | {"resolution": "1D"})).json() == []


async def test_pine_script_draws_each_level(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_level(engine)
    answer = await client.get(f"/api/v1/analysis/by-market/{MARKET}/pine")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[0] == "//@version=6"
    (drawn,) = (line for line in lines if line.startswith("hline("))
    assert drawn.startswith(f'hline({LEVEL["price"]}, "support {LEVEL["level_id"]}')
    assert (await client.get("/api/v1/analysis/by-market/binance:spot:ETHUSDT:1h/pine")).status_code == 404


async def test_pine_script_quotes_what_other_backends_wrote(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_level(engine, levels=[LEVEL | {"level_id": 'x"\n\\'}])
    text = (await client.get(f"/api/v1/analysis/by-market/{MARKET}/pine")).text
    (drawn,) = (line for line in text.splitlines() if line.startswith("hline("))
    assert 'x\\"\\\\: ' in drawn


async def test_pine_script_of_bare_prices_draws_them(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_result(engine, "BTCUSDT")
    text = (await client.get(f"/api/v1/analysis/by-market/{MARKET}/pine")).text
    assert text.count("hline(") == 3
