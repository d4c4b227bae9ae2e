"""Keeps a segment for each market type of each exchange, and gives it the instruments of the watchlist."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from broker.health import Reasons
from exchanges.ports import KlineSource
from producers.feed.demand import group_markets, group_published
from producers.feed.publisher import CandlePublisher
from producers.feed.segment import FeedSegment
from producers.watchlist.watchlist import Watchlist
from runtime import metrics
from runtime.clock import Clock
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import Market, MarketType
from schemas.records import FeedRecord

LoadPublished = Callable[[Sequence[Market]], Awaitable[Mapping[str, int]]]
"""Markets -> the open time (ms) of the last candle that a former process published, by market key."""

_ROUND_SECONDS = 3.0
_MAX_ROUND_GAP = 120.0

MAX_AGE_SECONDS = 180.0
"""A feed whose newest closed minute ended longer ago stands still."""


class FeedProducer:
    """`share`: the part of the watchlist that this feed follows; `load_published`: where a former process stopped."""

    def __init__(
        self,
        watchlist: Watchlist,
        *,
        source: KlineSource,
        publisher: CandlePublisher,
        load_published: LoadPublished,
        clock: Clock,
        share: str,
    ) -> None:
        self._watchlist = watchlist
        self._source = source
        self._publisher = publisher
        self._load_published = load_published
        self._clock = clock
        self._share = share
        self._segments: dict[tuple[str, MarketType], FeedSegment] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._last_round_at = clock.monotonic()

    def why_not_alive(self) -> Reasons:
        silent = self._clock.monotonic() - self._last_round_at
        return () if silent <= _MAX_ROUND_GAP else (f"no round for {silent:.0f} s: restart this process",)

    def why_not_ready(self) -> Reasons:
        return [
            f"no minute of {exchange} {market_type} closed for {age:.0f} s: is its stream open?"
            for (exchange, market_type), segment in self._segments.items()
            if (age := segment.age) is not None and age > MAX_AGE_SECONDS
        ]

    def progress(self) -> list[FeedRecord]:
        """Return how far each segment has come."""
        return [
            FeedRecord(
                exchange=exchange,
                market_type=market_type,
                share=self._share,
                markets=segment.markets,
                closed_until=closed_until,
            )
            for (exchange, market_type), segment in self._segments.items()
            if (closed_until := segment.closed_until) is not None
        ]

    async def run(self) -> None:
        """Publish candles until cancelled. Raises bugs."""
        try:
            while True:
                self._last_round_at = self._clock.monotonic()
                if (selection := self._watchlist.take_selection()) is not None:
                    await self._update(selection.markets)
                await wait_first(self._clock.sleep(_ROUND_SECONDS), *self._tasks)
                for task in self._tasks:
                    if task.done():
                        task.result()
        finally:
            await cancel_and_wait(*self._tasks)

    async def _update(self, markets: Sequence[Market]) -> None:
        demand = group_markets(markets, self._share)
        added = demand.keys() - self._segments.keys()
        published = await self._load_published(markets) if added else {}
        for exchange, market_type in added:
            self._add_segment(exchange, market_type, published)
        counts: dict[str, int] = {}
        for (exchange, market_type), segment in self._segments.items():
            instruments = demand.get((exchange, market_type), {})
            segment.set_instruments(instruments)
            counts[exchange] = counts.get(exchange, 0) + len(instruments)
        for exchange, count in counts.items():
            metrics.FEED_MARKETS.labels(exchange).set(count)

    def _add_segment(self, exchange: str, market_type: MarketType, published: Mapping[str, int]) -> None:
        segment = FeedSegment(
            exchange,
            market_type,
            source=self._source,
            publisher=self._publisher,
            clock=self._clock,
            published=group_published(published, exchange, market_type),
        )
        self._segments[exchange, market_type] = segment
        self._tasks.append(asyncio.create_task(segment.run(), name=f"feed {exchange} {market_type}"))
