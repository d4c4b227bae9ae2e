"""Keeps a segment for each market type of each exchange, and gives it the instruments of the watchlist."""

import asyncio
from collections.abc import Sequence

from broker.health import Reasons
from exchanges.ports import KlineSource
from producers.feed.demand import FeedDemand, group_markets
from producers.feed.publisher import CandlePublisher
from producers.feed.segment import FeedSegment
from producers.scheduler.market_lists import KnownMarkets
from producers.scheduler.watchlist import WatchlistEntry, select_markets
from runtime import metrics
from runtime.clock import Clock
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import MarketType

_ROUND_SECONDS = 3.0
_MAX_ROUND_GAP = 120.0

MAX_AGE_SECONDS = 180.0
"""A feed whose newest closed minute ended longer ago stands still."""


class FeedProducer:
    """`known` lists the markets that the entries mean; `share`: the part of them that this feed follows."""

    def __init__(
        self,
        entries: Sequence[WatchlistEntry],
        *,
        known: KnownMarkets,
        source: KlineSource,
        publisher: CandlePublisher,
        clock: Clock,
        share: str,
    ) -> None:
        self._entries = entries
        self._known = known
        self._source = source
        self._publisher = publisher
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

    async def run(self) -> None:
        """Publish candles until cancelled. Raises bugs."""
        try:
            while True:
                self._last_round_at = self._clock.monotonic()
                if self._known.changed.is_set() or not self._segments:
                    self._known.changed.clear()
                    self._update(self._select())
                await wait_first(self._clock.sleep(_ROUND_SECONDS), *self._tasks)
                for task in self._tasks:
                    if task.done():
                        task.result()
        finally:
            await cancel_and_wait(*self._tasks)

    def _select(self) -> FeedDemand:
        return group_markets(select_markets(self._entries, self._known.listed).markets, self._share)

    def _update(self, demand: FeedDemand) -> None:
        for exchange, market_type in demand.keys() - self._segments.keys():
            segment = FeedSegment(
                exchange,
                market_type,
                source=self._source,
                publisher=self._publisher,
                clock=self._clock,
            )
            self._segments[exchange, market_type] = segment
            self._tasks.append(asyncio.create_task(segment.run(), name=f"feed {exchange} {market_type}"))
        counts: dict[str, int] = {}
        for (exchange, market_type), segment in self._segments.items():
            instruments = demand.get((exchange, market_type), {})
            segment.set_instruments(instruments)
            counts[exchange] = counts.get(exchange, 0) + len(instruments)
        for exchange, count in counts.items():
            metrics.FEED_MARKETS.labels(exchange).set(count)
