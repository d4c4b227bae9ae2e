"""Real ccxt in front of a fake exchange on loopback, whose candles are known."""

import json
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import Series
from exchanges.rate_limit.token_bucket import RateLimit, UsageReport
from runtime.settings import Settings
from schemas.market import Market, MarketType
from tests.contract.exchanges.endpoints import HOUR, Bar, Refusal
from tests.contract.exchanges.tables import TABLES, ExchangeTable

LISTED = 12_000
"""Hours of history unless a test lists the market later."""


def make_bar(time_ms: int) -> Bar:
    i = time_ms // HOUR
    first, last = (60_000 + 5_000 * math.sin(n / 37) + 900 * math.sin(n / 5) for n in (i, i + 1))
    top, bottom = max(first, last) + 50, min(first, last) - 50
    return Bar(time_ms, round(first, 2), round(top, 2), round(bottom, 2), round(last, 2), 10.0 + i % 7)


_BARS: dict[int, Bar] = {}


def make_history(hours: int, now: int) -> list[Bar]:
    """Return the bars of the last `hours`, the running one included."""
    newest = now - now % HOUR
    return [
        _BARS.get(t) or _BARS.setdefault(t, make_bar(t))
        for t in range(newest - (hours - 1) * HOUR, newest + 1, HOUR)
    ]


def now_ms() -> int:
    return int(time.time() * 1_000)


class CountingLimiter:
    """Lets every call pass; records for how long calls were blocked."""

    def __init__(self) -> None:
        self.blocked: list[float] = []

    async def acquire(self, name: str, limit: RateLimit, weight: float) -> None: ...

    def report_usage(self, name: str, report: UsageReport) -> None: ...

    async def block_for(self, name: str, limit: RateLimit, seconds: float) -> None:
        self.blocked.append(seconds)

    async def close(self) -> None: ...


class Bench:
    """One fake exchange under our candle source. `history` and `refusal` may be changed by a test."""

    def __init__(self, exchange: str, market_type: MarketType) -> None:
        self.exchange = exchange
        self.table = TABLES[exchange]
        self.market = Market.of(exchange, "BTCUSDT", market_type)
        self.history: Sequence[Bar] = make_history(LISTED, now_ms())
        self.refusal: Refusal | None = None
        self.calls = 0
        self.limiter = CountingLimiter()
        self.listed = True
        self.source: CcxtCandleSource

    @staticmethod
    def table_of(exchange: str) -> ExchangeTable:
        return TABLES[exchange]

    async def answer(self, request: web.Request) -> web.Response:
        self.calls += 1
        params = dict(request.query)
        if request.can_read_body:
            body = json.loads(await request.text())
            params |= {name: str(value) for name, value in body.get("req", body).items()}
        status, answer = self.refusal or self._candles(request.path, params)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        text = text.replace("{until_ms}", str(now_ms() + 120_000))
        return web.Response(status=status, text=text, content_type="application/json")

    def _candles(self, path: str, params: dict[str, str]) -> Refusal:
        endpoint = self.table.endpoint(self.market.market_type)
        assert endpoint is not None
        return endpoint.answer(path, params, self.history, now_ms())

    async def candles(self, limit: int = 2_000) -> Series:
        return await self.source.candles(self.market, limit)

    def install(self, exchange: Any) -> None:
        """Replace what lists markets and tells the time, which is not the subject here."""
        entry = self._entry(exchange)
        other = self._entry(exchange, base="ETH")

        async def fetch_markets(*_: object) -> list[Any]:
            return [entry, other] if self.listed else [other]

        async def fetch_time(*_: object) -> int:
            return now_ms()

        exchange.fetch_markets = fetch_markets
        if exchange.has.get("fetchTime"):
            exchange.fetch_time = fetch_time

    def _entry(self, exchange: Any, base: str = "BTC") -> Any:
        spot = self.market.market_type == "spot"
        identifier = (
            self.table.ids.get(self.market.market_type, "BTCUSDT") if base == "BTC" else f"{base}USDT"
        )
        kind = {"type": "spot" if spot else "swap", "spot": spot, "swap": not spot, "contract": not spot}
        fields = {
            "id": identifier, "lowercaseId": identifier.lower(), "symbol": f"{base}/USDT" + ("" if spot else ":USDT"),
            "base": base, "quote": "USDT", "baseId": base, "quoteId": "USDT", "baseName": base,
            "settle": None if spot else "USDT", "settleId": None if spot else "USDT", "margin": False, "future": False,
            "option": False, "active": True, "linear": None if spot else True, "inverse": None if spot else False,
            "contractSize": None if spot else 1.0, "precision": {"amount": 1e-8, "price": 0.01}, "limits": {},
            "info": {"name": base},
        }  # fmt: skip
        scales = {"priceScale": 8 if spot else 0, "valueScale": 8}
        return exchange.safe_market_structure(fields | kind | scales)


@asynccontextmanager
async def open_bench(
    exchange: str, market_type: MarketType, change: Callable[[Bench], None] | None = None
) -> AsyncIterator[Bench]:
    """Start the fake exchange and the candle source for the time of a test; `change` prepares the exchange."""
    bench = Bench(exchange, market_type)
    if change:
        change(bench)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", bench.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = Settings.load(exchanges=(exchange,), exchange=exchange, exchange_urls={exchange: url})
    try:
        async with CcxtCandleSource(settings, limiter=bench.limiter) as source:
            bench.source = source
            bench.install(source._client(exchange)._ccxt)
            yield bench
    finally:
        await runner.cleanup()
