"""`ticker/price` and `ticker/24hr`."""

from runtime.markets.bars import Bars
from runtime.markets.simulator.kline_query import text
from runtime.markets.simulator.timeline import DAY


def price_ticker(symbol: str, price: float, now: int, futures: bool) -> dict[str, object]:
    ticker: dict[str, object] = {"symbol": symbol, "price": text(price)}
    return ticker | {"time": now} if futures else ticker


def day_ticker(symbol: str, day: Bars, price: float, now: int) -> dict[str, object]:
    """`day` are the candles of the last 24 hours, empty where nothing was traded."""
    opened = float(day.open[0]) if len(day) else price
    highest = max(float(day.high.max()), price) if len(day) else price
    lowest = min(float(day.low.min()), price) if len(day) else price
    volume = float(day.volume.sum())
    quote = float((day.volume * (day.high + day.low) / 2).sum())
    return {
        "symbol": symbol,
        "priceChange": text(round(price - opened, 12)),
        "priceChangePercent": f"{(price / opened - 1) * 100:.3f}",
        "weightedAvgPrice": text(quote / volume if volume else price),
        "prevClosePrice": text(opened),
        "lastPrice": text(price),
        "lastQty": "1.00000000",
        "bidPrice": text(price),
        "bidQty": "1.00000000",
        "askPrice": text(price),
        "askQty": "1.00000000",
        "openPrice": text(opened),
        "highPrice": text(highest),
        "lowPrice": text(lowest),
        "volume": text(volume),
        "quoteVolume": text(round(quote, 8)),
        "openTime": now - DAY,
        "closeTime": now,
        "firstId": 1,
        "lastId": max(1, int(volume)),
        "count": max(1, int(volume)),
    }
