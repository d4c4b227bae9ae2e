"""`ticker/price`, `ticker/24hr`, and the same for the websocket streams."""

from exchanges.bars import Bars
from simulator.history.timeline import DAY
from simulator.http.kline_query import text
from simulator.http.subscriptions import Channel
from simulator.listings import SimulatedMarket

_MINI = {
    "c": "lastPrice",
    "o": "openPrice",
    "h": "highPrice",
    "l": "lowPrice",
    "v": "volume",
    "q": "quoteVolume",
}
_FULL = _MINI | {
    "p": "priceChange",
    "P": "priceChangePercent",
    "w": "weightedAvgPrice",
    "x": "prevClosePrice",
    "Q": "lastQty",
    "b": "bidPrice",
    "B": "bidQty",
    "a": "askPrice",
    "A": "askQty",
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}
"""Binance's field letters on the streams, and the REST names they stand for."""


def price_ticker(symbol: str, price: float, now: int, futures: bool) -> dict[str, object]:
    ticker: dict[str, object] = {"symbol": symbol, "price": text(price)}
    return ticker | {"time": now} if futures else ticker


def day_ticker(traded: SimulatedMarket, day: Bars, price: float, now: int) -> dict[str, object]:
    """Return the ticker; `day` are the candles of the last 24 hours, empty where nothing was traded."""
    opened = float(day.open[0]) if len(day) else price
    highest = max(float(day.high.max()), price) if len(day) else price
    lowest = min(float(day.low.min()), price) if len(day) else price
    volume = float(day.volume.sum())
    quote = float((day.volume * (day.high + day.low) / 2).sum())
    ticker: dict[str, object] = {
        "symbol": traded.listing.symbol,
        "priceChange": text(round(price - opened, 12)),
        "priceChangePercent": f"{(price / opened - 1) * 100:.3f}",
        "weightedAvgPrice": text(quote / volume if volume else price),
        "lastPrice": text(price),
        "lastQty": "1.00000000",
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
    # Futures have no such fields, and ccxt distinguishes the two by them.
    return ticker if traded.market_type == "future" else ticker | _quote_fields(opened, price)


def ticker_event(day: dict[str, object], channel: Channel, now: int) -> dict[str, object]:
    """Return a `day_ticker` in the format of the streams `@ticker` and `@miniTicker`."""
    letters = _FULL if channel == "ticker" else _MINI
    event = "24hrTicker" if channel == "ticker" else "24hrMiniTicker"
    return {"e": event, "E": now, "s": day["symbol"]} | {
        letter: day[name] for letter, name in letters.items() if name in day
    }


def _quote_fields(opened: float, price: float) -> dict[str, object]:
    return {
        "prevClosePrice": text(opened),
        "bidPrice": text(price),
        "bidQty": "1.00000000",
        "askPrice": text(price),
        "askQty": "1.00000000",
    }
