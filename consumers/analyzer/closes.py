"""Analyses at the close: a closed candle joins its market's series, and starts an analysis without a fetch.

What the candles topic has twice costs nothing; a candle that the exchange changed is analysed again. Where the series
is neither cached nor shared, or lacks candles, the analysis fetches it as a request does.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from consumers.analyzer.decode import IncomingCandle, IncomingRequest
from consumers.analyzer.fetch import CandleFetcher
from consumers.analyzer.outcome import Completed, Outcome
from exchanges.candle_cache.live import SPARE
from exchanges.ports import Candle, CandleJoiner, JoinedSeries, Series
from runtime.clock import Clock
from runtime.lru import LruDict
from runtime.metrics import CLOSES
from schemas.candles.close_ids import close_id
from schemas.market import Market, candle_end
from schemas.requests import MIN_CANDLES, default_timeout

_MAX_MARKETS = 200_000
_MAX_REVISIONS = 10_000
_REPEATED_LIMIT = MIN_CANDLES + 1
"""Requests for the newest candles, with the usual limit, must not be answered with those of an earlier close."""


class CloseHandler:
    """`submit` takes a request, `analyze` an id and a series at hand; both return the outcome once it is published.

    `has_requests` returns whether requests for a market wait: its close joins them.
    """

    def __init__(
        self,
        joiner: CandleJoiner | None,
        fetcher: CandleFetcher,
        clock: Clock,
        submit: Callable[[IncomingRequest], Awaitable[Outcome]],
        analyze: Callable[[Market, str, Series], Awaitable[Outcome]],
        has_requests: Callable[[Market], bool],
    ) -> None:
        self._joiner = joiner
        self._fetcher = fetcher
        self._clock = clock
        self._submit = submit
        self._analyze_at_hand = analyze
        self._has_requests = has_requests
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
        joined = self._join(valid) or await self._join_shared(valid)
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
            await self._repeat(batch)
            await self._request(newest, joined.series)
            return
        CLOSES.labels("fetched").inc()
        outcome = await self._request(newest, None)
        is_behind = isinstance(outcome, Completed) and outcome.analysis.candle_at < newest.candle.time
        if is_behind and (joined := self._join(batch)) is not None:
            await self._request(newest, joined.series)

    async def _repeat(self, batch: Sequence[IncomingCandle]) -> None:
        """Analyse again the closes, but for the newest, that were analysed with candles which the exchange changed."""
        market, newest = batch[0].market, self._analyzed.get(batch[0].market.key)
        since = min((one.candle.time for one in batch if one.revision), default=None)
        if self._joiner is None or newest is None or since is None:
            return
        time = max(since, newest - SPARE * candle_end(0, market.timeframe))
        while time < newest:
            series = self._joiner.cut(market, time, MIN_CANDLES)
            if series is not None:
                await self._request(replace(batch[0], candle=_last_candle(series)), series, _REPEATED_LIMIT)
            time = candle_end(time, market.timeframe)
        self._analyzed.put(market.key, newest)

    async def _request(
        self, closed: IncomingCandle, series: Series | None, limit: int = MIN_CANDLES
    ) -> Outcome:
        """Analyse this series; None is fetched."""
        market, now = closed.market, self._clock.now()
        self._deadlines[market.key] = now + default_timeout(market.timeframe)
        try:
            if series is None:
                outcome = await self._submit(closed.to_request(now, limit))
            else:
                with self._fetcher.offer(market, limit, series):
                    outcome = await self._analyze_joined(closed, series, limit)
        finally:
            self._deadlines.pop(market.key, None)
        if isinstance(outcome, Completed):
            self._analyzed.put(market.key, outcome.analysis.candle_at)
        return outcome

    async def _analyze_joined(self, closed: IncomingCandle, series: Series, limit: int) -> Outcome:
        market = closed.market
        if self._has_requests(market):
            return await self._submit(closed.to_request(self._clock.now(), limit))
        return await self._analyze_at_hand(market, close_id(market, closed.candle.time), series)

    def _is_analyzed(self, closed: IncomingCandle) -> bool:
        analyzed = self._analyzed.get(closed.market.key)
        return analyzed is not None and closed.candle.time <= analyzed

    def _join(self, batch: Sequence[IncomingCandle]) -> JoinedSeries | None:
        if self._joiner is None:
            return None
        candles = sorted((closed.candle for closed in batch), key=lambda candle: candle.time)
        return self._joiner.join(batch[0].market, candles, MIN_CANDLES)

    async def _join_shared(self, batch: Sequence[IncomingCandle]) -> JoinedSeries | None:
        """Join the candles to the series that the market's former analyzer shares; None where there is none."""
        if self._joiner is None or not await self._joiner.load_shared(batch[0].market):
            return None
        return self._join(batch)

    def _is_valid(self, closed: IncomingCandle) -> bool:
        """Return whether no higher revision of this candle was read; note this one."""
        key = (closed.market.key, closed.candle.time)
        known = self._revisions.get(key)
        if closed.revision > (known or 0):
            self._revisions.put(key, closed.revision)
        return known is None or closed.revision >= known


def _last_candle(series: Series) -> Candle:
    closed = series.closed
    columns = (closed.open, closed.high, closed.low, closed.close, closed.volume)
    return Candle(int(closed.time[-1]), *(float(column[-1]) for column in columns))
