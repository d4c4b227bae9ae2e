"""A follower: tells what the stream brings, and opens another when one is lost."""

import asyncio
from collections.abc import Collection, Sequence

from exchanges.ports import PriceStream, Quote
from producers.prices.policy import RESUBSCRIBE
from producers.prices.stream import PriceFollower
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from schemas.market import MarketType
from tests.support.deadlines import until
from tests.support.quotes import ScriptedPrices, a_quote
from tests.support.sinks import SwiftClock

BTC = frozenset({"BTCUSDT"})


class ScriptedStream:
    """Brings each of `script` in turn, and then is lost."""

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
    """Hands out `streams` in turn (an error is raised), then none."""

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


class Follower:
    """One that is to be tried, what it told, and whose prices it covered when it told them."""

    def __init__(self, source: StreamingSource) -> None:
        self.clock = SwiftClock()
        self.wanted = BTC
        self.told: list[float] = []
        self.covered: list[frozenset[str]] = []
        self.follower = PriceFollower(
            "sim",
            "spot",
            source=source,
            wanted=lambda: self.wanted,
            tell=self._tell,
            clock=self.clock,
            draw=lambda: 0.5,
        )

    async def _tell(self, quotes: Sequence[Quote]) -> None:
        self.told += [quote.price for quote in quotes]
        self.covered.append(self.follower.covered)


async def test_it_tells_what_comes_and_opens_another_when_one_is_lost() -> None:
    streams = ScriptedStream([a_quote(1.0)], [a_quote(2.0)]), ScriptedStream([a_quote(3.0)])
    tried = Follower(StreamingSource(*streams))
    task = asyncio.create_task(tried.follower.run())
    await until(lambda: len(tried.told) == 3 and all(stream.closed for stream in streams))
    await cancel_and_wait(task)
    assert tried.told == [1.0, 2.0, 3.0]
    assert set(tried.covered) == {BTC}
    assert tried.follower.covered == frozenset()
    assert 0.5 in tried.clock.slept  # half of the first second: a line that had worked is not punished


async def test_it_waits_ever_longer_for_one_that_cannot_be_opened() -> None:
    away = Transient("away")
    tried = Follower(StreamingSource(away, away, away))
    task = asyncio.create_task(tried.follower.run())
    await until(lambda: len(tried.clock.slept) >= 4)
    await cancel_and_wait(task)
    assert tried.clock.slept[:4] == [0.5, 1.0, 2.0, RESUBSCRIBE]


async def test_it_subscribes_anew_for_what_is_wanted_since() -> None:
    source = StreamingSource(ScriptedStream(*[[a_quote(1.0)]] * 1_000))
    tried = Follower(source)
    task = asyncio.create_task(tried.follower.run())
    await until(lambda: bool(tried.told))
    tried.wanted = BTC | {"ETHUSDT"}
    await until(lambda: len(source.opened) >= 2)
    await cancel_and_wait(task)
    assert source.opened[:2] == [BTC, BTC | {"ETHUSDT"}]
