"""Feeds the candles of one market type on one exchange: streams klines or trades, closes minutes, fetches the rest."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

import structlog

from broker.retry import Attempt, Backoff, attempts, permanent_as_transient
from exchanges.ports import Kline, KlineSource, Tradable, Trade, UnreadableTrade
from producers.feed.answers import check_complete, to_candles
from producers.feed.exchange_now import ExchangeNow
from producers.feed.follower import InstrumentFollower
from producers.feed.gaps import Fetch, plan_fetches
from producers.feed.minutes import judge_missing_at
from producers.feed.publisher import CandlePublisher, Closed
from producers.feed.sampling import SampleSchedule
from producers.feed.trade_intake import TradeIntake
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import Market, MarketType

_log = structlog.get_logger(__name__)

_BACKOFF = Backoff(initial=1.0, maximum=30.0)
_READ_SECONDS = 5.0
"""How long one read of the stream waits: the set of instruments is looked at in between."""

_SILENCE_SECONDS = 90.0
"""A stream without any kline for this time counts as lost: every market closes a minute once a minute."""

_TRADE_SILENCE_SECONDS = 600.0
"""The same of trades: a few quiet markets may have none for minutes."""

_ROUND_SECONDS = 0.5
_FETCH_CONCURRENCY = 8
_MIN_STREAM_SECONDS = 30.0
"""A stream is opened again for a changed set of instruments no earlier."""

Timeframes = Mapping[str, frozenset[str]]
"""Symbol -> the timeframes to publish."""

Pushed = TypeVar("Pushed")
Pushed_co = TypeVar("Pushed_co", covariant=True)


class _PushStream(Protocol[Pushed_co]):
    """What the streams of klines and of trades have in common."""

    async def next(self, timeout: float) -> Sequence[Pushed_co]: ...

    async def close(self) -> None: ...


class FeedSegment:
    """`set_instruments` may be called at any time; `published`: the open time (ms) of the last candle of a former
    process, by symbol and timeframe; `draw` returns numbers in [0, 1).
    """

    def __init__(
        self,
        exchange: str,
        market_type: MarketType,
        *,
        source: KlineSource,
        publisher: CandlePublisher,
        clock: Clock,
        published: Mapping[str, Mapping[str, int]] | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._market_type = market_type
        self._source = source
        self._publisher = publisher
        self._clock = clock
        self._published = dict(published or {})
        self._draw = draw
        self._time = ExchangeNow(exchange, source, clock)
        self._timeframes: Timeframes = {}
        self._followers: dict[str, InstrumentFollower] = {}
        self._samples = SampleSchedule(draw)
        self._connected_since: int | None = None
        self._streamed_until = 0
        self._fetches: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_FETCH_CONCURRENCY)
        self._paused_until = 0.0
        self._has_instruments = asyncio.Event()
        self._began_at: float | None = None

    @property
    def markets(self) -> int:
        """How many instruments it follows."""
        return len(self._timeframes)

    @property
    def closed_until(self) -> int | None:
        """The end (ms) of the newest closed minute; None before the first instrument is followed."""
        return max((follower.next_open for follower in self._followers.values()), default=None)

    @property
    def age(self) -> float | None:
        """Seconds since the end of the newest closed minute, by the exchange's clock; since it was given instruments
        where that clock could not be read yet; None before."""
        now, newest = self._time.ms, self.closed_until
        if now is not None and newest is not None:
            return max(0.0, (now - newest) / 1_000)
        return None if self._began_at is None else self._clock.monotonic() - self._began_at

    def set_instruments(self, timeframes: Timeframes) -> None:
        """Follow these symbols, and publish these timeframes of each."""
        self._timeframes = dict(timeframes)
        for symbol in self._followers.keys() - timeframes.keys():
            del self._followers[symbol]
        for symbol, wanted in timeframes.items():
            follower = self._followers.get(symbol)
            if follower is not None and follower.timeframes != wanted:
                self._published[symbol] = follower.published
                del self._followers[symbol]
        if timeframes and self._began_at is None:
            self._began_at = self._clock.monotonic()
            self._has_instruments.set()

    async def run(self) -> None:
        """Publish candles until cancelled. Raises nothing but bugs."""
        await self._has_instruments.wait()
        tasks = [asyncio.create_task(self._follow_stream()), asyncio.create_task(self._repair())]
        try:
            await wait_first(*tasks)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await cancel_and_wait(*tasks, *self._fetches)

    async def _follow_stream(self) -> None:
        while True:
            async for attempt in attempts(self._clock, _BACKOFF, draw=self._draw):
                with attempt, permanent_as_transient(_BACKOFF.maximum):
                    await self._stream(attempt)
                if attempt.error:
                    metrics.FEED_ERRORS.labels(self._exchange, "stream").inc()
                    _log.warning(
                        "feed.stream_lost",
                        exchange=self._exchange,
                        market_type=self._market_type,
                        **attempt.log_fields,
                    )

    async def _stream(self, attempt: Attempt) -> None:
        """Follow one stream until the set of instruments changes. Raises Transient when it is lost."""
        await self._time.refresh()
        followed = self._timeframes
        instruments = self._exchange, self._market_type, followed.keys()
        if (klines := await self._source.kline_stream(*instruments)) is not None:
            await self._read(klines, self._take_klines, _SILENCE_SECONDS, followed, attempt)
        elif (trades := await self._source.trade_stream(*instruments)) is not None:
            intake = TradeIntake(trades, self._find_follower)
            take = partial(self._take_trades, intake)
            await self._read(trades, take, _TRADE_SILENCE_SECONDS, followed, attempt)
        else:
            await self._clock.sleep(_MIN_STREAM_SECONDS)

    async def _read(
        self,
        stream: _PushStream[Pushed],
        take: Callable[[Sequence[Pushed], int], Sequence[Closed]],
        silence: float,
        followed: Timeframes,
        attempt: Attempt,
    ) -> None:
        """Publish what `take` returns for what is pushed; closes the stream. `silence`: seconds."""
        opened = received_at = self._clock.monotonic()
        try:
            while followed == self._timeframes or self._clock.monotonic() - opened < _MIN_STREAM_SECONDS:
                pushed = await stream.next(_READ_SECONDS)
                await self._time.refresh()
                if pushed:
                    received_at = self._clock.monotonic()
                    attempt.reset()
                    if (now := self._time.ms) is not None:
                        self._connected_since = self._connected_since or now
                        await self._publisher.publish(take(pushed, now))
                elif self._clock.monotonic() - received_at > silence:
                    raise Transient(f"{self._exchange} pushed nothing for {silence:g} s")
        finally:
            self._connected_since = None
            await stream.close()

    def _take_klines(self, klines: Sequence[Kline], now: int) -> Sequence[Closed]:
        closed: list[Closed] = []
        for kline in klines:
            self._streamed_until = max(self._streamed_until, min(kline.sent_at, now))
            follower = self._find_follower(kline.market.symbol, now)
            if follower is not None:
                closed += ((kline.market, one) for one in follower.push(kline, now))
        return closed

    def _take_trades(
        self, intake: TradeIntake, trades: Sequence[Trade | UnreadableTrade], now: int
    ) -> Sequence[Closed]:
        closed = intake.take(trades, now)
        self._streamed_until = max(self._streamed_until, intake.streamed_until)
        return closed

    def _find_follower(self, symbol: str, now: int) -> InstrumentFollower | None:
        """Return the follower of a symbol; a new one begins now, after the candles that are published."""
        if symbol not in self._followers and symbol in self._timeframes:
            self._followers[symbol] = InstrumentFollower(
                self._exchange, self._timeframes[symbol], now, self._published.get(symbol)
            )
        return self._followers.get(symbol)

    async def _repair(self) -> None:
        """Fetch what is missing, and a sample now and then, until cancelled."""
        while True:
            await self._time.refresh()
            metrics.FEED_AGE.labels(self._exchange, self._market_type).set(self.age or 0.0)
            if (now := self._time.ms) is not None:
                for symbol in self._timeframes:
                    self._find_follower(symbol, now)
                if self._clock.monotonic() >= self._paused_until:
                    self._start_fetches(now)
            for task in [task for task in self._fetches if task.done()]:
                self._fetches.discard(task)
                task.result()
            await self._clock.sleep(_ROUND_SECONDS)

    def _start_fetches(self, now: int) -> None:
        judged_at = judge_missing_at(now, self._streamed_until, self._connected_since)
        for symbol, follower in self._followers.items():
            for fetch in plan_fetches(follower.find_missing(judged_at, self._connected_since)):
                self._start_fetch(symbol, follower, fetch)
        sampled = self._samples.pick(self._followers, self._clock.monotonic())
        if sampled is not None:
            symbol, follower = sampled
            if (compared := follower.sample()) is not None:
                self._start_fetch(symbol, follower, compared)

    def _start_fetch(self, symbol: str, follower: InstrumentFollower, fetch: Fetch) -> None:
        self._fetches.add(asyncio.create_task(self._fetch(symbol, follower, fetch)))

    async def _fetch(self, symbol: str, follower: InstrumentFollower, fetch: Fetch) -> None:
        tradable = Tradable(self._exchange, self._market_type, symbol)
        market = Market.model_construct(
            exchange=self._exchange,
            market_type=self._market_type,
            symbol=symbol,
            timeframe=fetch.timeframe,
        )
        try:
            async with self._slots:
                series = await self._source.candles_before(market, fetch.end, len(fetch.times))
                check_complete(series, fetch, self._time.ms or 0)
        except (Transient, Permanent) as error:
            self._put_back(follower, fetch, error)
            return
        for cause, count in fetch.causes.items():
            metrics.FEED_REPAIRS.labels(self._exchange, cause).inc(count)
        closed = follower.answer(fetch, to_candles(series))
        await self._publisher.publish([(tradable, one) for one in closed])

    def _put_back(self, follower: InstrumentFollower, fetch: Fetch, error: Transient | Permanent) -> None:
        follower.put_back(fetch)
        pause = max(2.0, getattr(error, "retry_after", None) or 0.0)
        self._paused_until = self._clock.monotonic() + pause
        metrics.FEED_ERRORS.labels(self._exchange, "fetch").inc()
        _log.warning("feed.not_fetched", exchange=self._exchange, seconds=pause, error=str(error))
