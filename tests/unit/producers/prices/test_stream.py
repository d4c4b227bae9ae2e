"""A price streamer: it publishes the quotes of a stream, and opens another when one is lost."""

import asyncio
from collections.abc import Collection, Sequence

from exchanges.ports import PriceStream, Quote
from producers.prices.policy import MIN_STREAM_SECONDS
from producers.prices.stream import PriceStreamer
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from schemas.market import MarketType
from tests.support.deadlines import until
from tests.support.quotes import ScriptedPrices, a_quote
from tests.support.sinks import SwiftClock

BTC = frozenset({"BTCUSDT"})


class ScriptedStream:
    """Returns each item of `script` in turn, and then is lost."""

    def __init__(self, *script: Sequence[Quote]) -> None:
        self._script = list(script)
        self.closed = False

    async def next(self, patience: float) -> Sequence[Quote]:
        await asyncio.sleep(0)
        if not self._script:
            raise Transient("the line is lost")
        return self._script.pop(0)

    async def close(self) -> None:
        self.closed = True


class StreamingSource(ScriptedPrices):
    """Returns `streams` in turn (an error is raised), then none."""

    def __init__(self, *streams: ScriptedStream | Exception) -> None:
        super().__init__([])
        self._streams = list(streams)
        self.opened: list[frozenset[str]] = []

    async def price_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> PriceStream | None:
        self.opened.append(frozenset(symbols))
        stream = self._streams.pop(0) if self._streams else None
        if isinstance(stream, Exception):
            raise stream
        return stream


class StreamerBench:
    """A streamer, the prices that it published, and the symbols that it covered at each publication."""

    def __init__(self, source: StreamingSource) -> None:
        self.clock = SwiftClock()
        self.symbols = BTC
        self.published: list[float] = []
        self.covered: list[frozenset[str]] = []
        self.streamer = PriceStreamer(
            "sim",
            "spot",
            source=source,
            symbols=lambda: self.symbols,
            publish=self._publish,
            clock=self.clock,
            draw=lambda: 0.5,
        )

    async def _publish(self, quotes: Sequence[Quote]) -> None:
        self.published += [quote.price for quote in quotes]
        self.covered.append(self.streamer.covered)


async def test_price_streamer_publishes_quotes_and_replaces_a_lost_stream() -> None:
    streams = ScriptedStream([a_quote(1.0)], [a_quote(2.0)]), ScriptedStream([a_quote(3.0)])
    bench = StreamerBench(StreamingSource(*streams))
    task = asyncio.create_task(bench.streamer.run())
    await until(lambda: len(bench.published) == 3 and all(stream.closed for stream in streams))
    await cancel_and_wait(task)
    assert bench.published == [1.0, 2.0, 3.0]
    assert set(bench.covered) == {BTC}
    assert bench.streamer.covered == frozenset()
    assert 0.5 in bench.clock.slept  # half of the first second: prices reset the backoff


async def test_price_streamer_backs_off_when_a_stream_cannot_be_opened() -> None:
    away = Transient("away")
    bench = StreamerBench(StreamingSource(away, away, away))
    task = asyncio.create_task(bench.streamer.run())
    await until(lambda: len(bench.clock.slept) >= 4)
    await cancel_and_wait(task)
    assert bench.clock.slept[:4] == [0.5, 1.0, 2.0, MIN_STREAM_SECONDS]


async def test_price_streamer_opens_a_stream_for_added_symbols() -> None:
    source = StreamingSource(ScriptedStream(*[[a_quote(1.0)]] * 1_000))
    bench = StreamerBench(source)
    task = asyncio.create_task(bench.streamer.run())
    await until(lambda: bool(bench.published))
    bench.symbols = BTC | {"ETHUSDT"}
    await until(lambda: len(source.opened) >= 2)
    await cancel_and_wait(task)
    assert source.opened[:2] == [BTC, BTC | {"ETHUSDT"}]
