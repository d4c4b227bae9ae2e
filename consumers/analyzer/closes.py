"""Analyses at the close: a closed candle joins its market's series, and starts an analysis without a fetch.

What the candles topic has twice costs nothing; a candle that the exchange changed is analysed again. Where the series
is not cached, or lacks candles, the analysis fetches it as a request does.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from consumers.analyzer.decode import IncomingCandle, IncomingRequest
from consumers.analyzer.fetch import CandleFetcher
from consumers.analyzer.outcome import Completed, Outcome
from exchanges.ports import CandleJoiner, JoinedSeries
from runtime.clock import Clock
from runtime.lru import LruDict
from runtime.metrics import CLOSES
from schemas.market import Market
from schemas.requests import MIN_CANDLES

_MAX_MARKETS = 200_000
_MAX_REVISIONS = 10_000


class CloseHandler:
    """`submit` takes a request and returns its outcome once that is published."""

    def __init__(
        self,
        joiner: CandleJoiner | None,
        fetcher: CandleFetcher,
        clock: Clock,
        submit: Callable[[IncomingRequest], Awaitable[Outcome]],
    ) -> None:
        self._joiner = joiner
        self._fetcher = fetcher
        self._clock = clock
        self._submit = submit
        self._analyzed = LruDict[str, int](_MAX_MARKETS)
        self._revisions = LruDict[tuple[str, int], int](_MAX_REVISIONS)
        self._deadlines: dict[str, datetime] = {}

    def deadline(self, market: Market) -> datetime | None:
        """Return until when the analysis of this market waits for the exchange; None: it waits for nothing."""
        return self._deadlines.get(market.key)

    async def handle(self, batch: Sequence[IncomingCandle]) -> None:
        """Join the candles of one market, and return when their analysis is published, if they need one."""
        valid = [closed for closed in batch if self._is_valid(closed)]
        if not valid:
            return
        newest = max(valid, key=lambda closed: closed.candle.time)
        joined = self._join(valid)
        if joined is not None and not joined.is_changed and self._is_analyzed(newest):
            CLOSES.labels("known").inc()
            return
        await self._analyze(newest, valid, joined)

    async def _analyze(
        self, newest: IncomingCandle, batch: Sequence[IncomingCandle], joined: JoinedSeries | None
    ) -> None:
        """Analyse the joined series; without one fetch it, and once more where the exchange lacked the candle yet."""
        if joined is not None:
            CLOSES.labels("joined").inc()
            await self._request(newest, joined)
            return
        CLOSES.labels("fetched").inc()
        outcome = await self._request(newest, None)
        is_behind = isinstance(outcome, Completed) and outcome.analysis.candle_at < newest.candle.time
        if is_behind and (joined := self._join(batch)) is not None:
            await self._request(newest, joined)

    async def _request(self, newest: IncomingCandle, joined: JoinedSeries | None) -> Outcome:
        market = newest.market
        incoming = newest.to_request(self._clock.now())
        self._deadlines[market.key] = incoming.request.expires_at
        try:
            if joined is None:
                outcome = await self._submit(incoming)
            else:
                with self._fetcher.offer(market, incoming.request.limit, joined.series):
                    outcome = await self._submit(incoming)
        finally:
            self._deadlines.pop(market.key, None)
        if isinstance(outcome, Completed):
            self._analyzed.put(market.key, outcome.analysis.candle_at)
        return outcome

    def _is_analyzed(self, closed: IncomingCandle) -> bool:
        analyzed = self._analyzed.get(closed.market.key)
        return analyzed is not None and closed.candle.time <= analyzed

    def _join(self, batch: Sequence[IncomingCandle]) -> JoinedSeries | None:
        if self._joiner is None:
            return None
        candles = sorted((closed.candle for closed in batch), key=lambda candle: candle.time)
        return self._joiner.join(batch[0].market, candles, MIN_CANDLES)

    def _is_valid(self, closed: IncomingCandle) -> bool:
        """Return whether no higher revision of this candle was read; note this one."""
        key = (closed.market.key, closed.candle.time)
        known = self._revisions.get(key)
        if closed.revision > (known or 0):
            self._revisions.put(key, closed.revision)
        return known is None or closed.revision >= known
