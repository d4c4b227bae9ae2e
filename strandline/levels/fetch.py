"""Fetch a market's candles for a command: without a broker, and from a simulated exchange where `sim` has no URL."""

import asyncio
from contextlib import AsyncExitStack

from rich.console import Console

from exchanges.ports import Series
from runtime.settings import Settings
from schemas.market import SIMULATED, Market
from schemas.values import from_ms


def fetch_series(settings: Settings, market: Market, limit: int) -> Series:
    """Fetch candles with a progress line and a line per gap. Raises Transient and Permanent."""
    console = Console(stderr=True)
    with console.status(f"{market}: fetching {limit} candles"):
        series = asyncio.run(_fetch(settings, market, limit))
    for gap in series.gaps:
        console.print(f"gap: {gap.missing} candles missing from {from_ms(gap.time):%Y-%m-%d %H:%M} UTC")
    return series


async def _fetch(settings: Settings, market: Market, limit: int) -> Series:
    # Imported here because ccxt takes seconds to load, which a candle file does not need.
    from exchanges.ccxt.source import CcxtCandleSource  # noqa: PLC0415
    from simulator import serve  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        if market.exchange == SIMULATED and SIMULATED not in settings.exchange_urls:
            url = await stack.enter_async_context(serve())
            settings = settings.with_exchange(SIMULATED, url)
        source = CcxtCandleSource(settings)
        stack.push_async_callback(source.close)
        return await source.candles(market, limit)
