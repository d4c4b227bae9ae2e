"""The simulator's web face, without a socket."""

from collections.abc import AsyncIterator

import httpx
import pytest

from simulator.clock import ExchangeTime
from simulator.exchange import SimulatedExchange
from simulator.history.synthetic_tape import SyntheticTape
from simulator.http.app import create_app
from tests.support.clock import ManualClock

NOW = 1_767_615_600_000
HOUR = 3_600_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def client(clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    exchange = SimulatedExchange(SyntheticTape(1), ExchangeTime(clock, NOW))
    transport = httpx.ASGITransport(create_app(exchange, clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v3/klines?symbol=NOPE&interval=1h", 400, -1121),
        ("/fapi/v1/klines?symbol=NOPE&interval=1h", 400, -1121),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7h", 400, -1120),
        ("/api/v3/klines?symbol=BTCUSDT", 400, -1102),
        ("/api/v3/klines?interval=1h", 400, -1102),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=x", 400, -1100),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=0", 400, -1130),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=99999999999999999999999", 400, -1100),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1h&limit=1501", 400, -1130),
        ("/api/v3/ticker/price?symbol=NOPE", 400, -1121),
        ("/api/v3/order", 404, -5000),
        ("/dapi/v1/klines?symbol=BTCUSD_PERP&interval=1h", 404, -5000),
    ],
)
async def test_simulator_refuses_as_binance_does(
    client: httpx.AsyncClient, path: str, status: int, code: int
) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.json()["msg"]


async def test_klines_have_twelve_columns(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v3/klines?symbol=SHIBUSDT&interval=1h&limit=2")
    older, newest = answer.json()
    assert len(older) == 12
    assert older[0] + HOUR - 1 == older[6] == newest[0] - 1
    assert all(isinstance(text, str) and "e" not in text for text in older[1:6])


async def test_klines_cut_a_long_spot_page(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=5000")).json()) == 1_000
    assert len((await client.get("/fapi/v1/klines?symbol=BTCUSDT&interval=1h&limit=1500")).json()) == 1_500


async def test_simulator_clock_advances_from_its_start(client: httpx.AsyncClient, clock: ManualClock) -> None:
    await clock.advance(2.5)
    answer = await client.get("/api/v3/time")
    assert answer.json() == {"serverTime": NOW + 2_500}
    assert answer.headers["Date"] == "Mon, 05 Jan 2026 12:20:02 GMT"


async def test_exchange_info_lists_no_coin_margined_futures(client: httpx.AsyncClient) -> None:
    assert (await client.get("/dapi/v1/exchangeInfo")).json()["symbols"] == []


async def test_tickers_cover_all_some_or_one(client: httpx.AsyncClient) -> None:
    every = (await client.get("/api/v3/ticker/price")).json()
    some = (await client.get('/api/v3/ticker/24hr?symbols=["BTCUSDT","ETHUSDT"]')).json()
    one = (await client.get("/fapi/v1/ticker/price?symbol=BTCUSDT")).json()
    assert len(every) > 30
    assert [ticker["symbol"] for ticker in some] == ["BTCUSDT", "ETHUSDT"]
    assert one["symbol"] == "BTCUSDT"
    assert float(some[0]["lowPrice"]) <= float(some[0]["lastPrice"]) <= float(some[0]["highPrice"])


async def test_simulator_describes_itself(client: httpx.AsyncClient) -> None:
    description = (await client.get("/simulator")).json()
    assert description["simulated"] is True
    assert description["kind"] == "synthetic"
    assert "1h" in description["markets"]["BTCUSDT"]


async def test_call_log_records_and_clears(client: httpx.AsyncClient) -> None:
    await client.get("/api/v3/klines?symbol=BTCUSDT&interval=1h")
    await client.get("/simulator")
    call = {"time_ms": NOW, "path": "/api/v3/klines", "query": {"symbol": "BTCUSDT", "interval": "1h"}}
    assert (await client.get("/simulator/calls")).json() == [call | {"status": 200, "weight": 2}]
    await client.delete("/simulator/calls")
    assert (await client.get("/simulator/calls")).json() == []


@pytest.mark.parametrize("path", ["/simulator/faults", "/simulator/price"])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"{}", b'{"symbol": "BTCUSDT", "price": NaN}'])
async def test_controls_refuse_invalid_bodies(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    answer = await client.post(path, content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]


async def test_controls_refuse_a_price_of_an_unknown_symbol(client: httpx.AsyncClient) -> None:
    answer = await client.post("/simulator/price", json={"symbol": "NOPE", "price": 1})
    assert answer.status_code == 422


async def test_fault_ends_after_its_seconds(client: httpx.AsyncClient, clock: ManualClock) -> None:
    await client.post("/simulator/faults", json={"kind": "5xx", "seconds": 30})
    assert (await client.get("/api/v3/ping")).status_code == 503
    await clock.advance(30)
    assert (await client.get("/api/v3/ping")).status_code == 200


async def test_simulator_sends_429_and_then_bans(clock: ManualClock) -> None:
    exchange = SimulatedExchange(SyntheticTape(1), ExchangeTime(clock, NOW), weight_limit=5)
    transport = httpx.ASGITransport(create_app(exchange, clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
        answers = []
        for _ in range(16):
            answers.append(await client.get("/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1"))
            await clock.advance(1)
    assert [answer.status_code for answer in answers] == [200] * 2 + [429] * 12 + [418] * 2
    assert [answer.headers["X-MBX-USED-WEIGHT-1M"] for answer in answers[:2]] == ["2", "4"]
    assert answers[2].headers["Retry-After"] == "58"
    assert answers[14].headers["Retry-After"] == "120"
    assert answers[14].json()["code"] == -1003
