"""Publishes closed candles, each until the broker acknowledges it."""

import asyncio
from collections.abc import Iterable

from broker.ports import Broker, Message
from broker.publish_retry import publish_until_acknowledged
from exchanges.ports import Tradable
from producers.feed.rollup import ClosedCandle
from runtime.clock import Clock
from runtime.metrics import FEED_CANDLES
from schemas.candles.closed import CandleClosed
from schemas.construction import construct_valid
from schemas.topics import encode_candle
from schemas.values import from_ms

Closed = tuple[Tradable, ClosedCandle]


class CandlePublisher:
    """`source` is the `ce_source` of its events."""

    def __init__(self, broker: Broker, clock: Clock, source: str) -> None:
        self._broker = broker
        self._clock = clock
        self._source = source

    async def publish(self, closed: Iterable[Closed]) -> None:
        """Return once every candle is acknowledged. They are handed over in this order."""
        await asyncio.gather(*(self._send(market, candle) for market, candle in closed))

    async def _send(self, market: Tradable, closed: ClosedCandle) -> None:
        encoded = encode_candle(to_event(market, closed), source=self._source, at=self._clock.now())
        await publish_until_acknowledged(self._broker, Message(*encoded), self._clock)
        kind = "revised" if closed.revision else closed.origin
        FEED_CANDLES.labels(market.exchange, closed.timeframe, kind).inc()


def to_event(market: Tradable, closed: ClosedCandle) -> CandleClosed:
    """Return the event of a closed candle. Pure; numbers of an exchange are finite, so nothing is validated."""
    candle = closed.candle
    fields = {
        "exchange": market.exchange,
        "market_type": market.market_type,
        "symbol": market.symbol,
        "timeframe": closed.timeframe,
        "open_at": from_ms(candle.time),
        "open": candle.open,
        "high": candle.high,
        "low": candle.low,
        "close": candle.close,
        "volume": candle.volume,
        "source": closed.origin,
        "revision": closed.revision,
    }
    return construct_valid(CandleClosed, fields)
