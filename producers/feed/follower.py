"""Follows one instrument: what was pushed and fetched goes in, closed candles of every timeframe come out. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from exchanges.ports import Candle, EmptyMinutes, Kline, Trade
from producers.feed.gaps import Fetch, MissingCandle
from producers.feed.minutes import MAX_BEHIND, MINUTE, ClosedMinute, MinuteBuilder
from producers.feed.proof import TradeProof
from producers.feed.rollup import ClosedCandle, Rollup
from producers.feed.spans import open_of
from producers.feed.start import first_minute, list_parts, unpublished_from
from producers.feed.trade_minutes import TradeMinutes


class InstrumentFollower:
    """Begins at `now` (ms), after the candles that are `published`: the open time of the last one, by timeframe.

    Parts of the candles that are open then are fetched as well, so that these are added up like any other.
    """

    def __init__(
        self,
        exchange: str,
        timeframes: Collection[str],
        now: int,
        published: Mapping[str, int] | None = None,
    ) -> None:
        self.timeframes = frozenset(timeframes)
        self._exchange = exchange
        self._from = unpublished_from(exchange, self.timeframes, now, published or {})
        self._last: dict[str, int] = {}
        oldest = (now - MAX_BEHIND) // MINUTE * MINUTE
        self._minutes = MinuteBuilder(max(first_minute(self._from, now), oldest), started_at=now)
        self._rollup = Rollup(exchange, timeframes)
        self._missing = list_parts(exchange, self.timeframes, self._from, now)
        self._trades: TradeMinutes | None = None
        self._proof = TradeProof()

    @property
    def next_open(self) -> int:
        """The minute (ms) to close next."""
        return self._minutes.next_open

    @property
    def published(self) -> Mapping[str, int]:
        """The open time (ms) of the last candle published of each timeframe, for a follower that continues."""
        before = {name: open_of(self._exchange, since - 1, name) for name, since in self._from.items()}
        return before | self._last

    def push(self, kline: Kline, now: int) -> list[ClosedCandle]:
        """Take a kline; return the candles that it closes, a minute before the longer ones that end with it."""
        return self._roll_up(self._minutes.push(kline, now))

    def begin_trades(self, *, has_consecutive_ids: bool) -> None:
        """Build minutes from the trades of a new stream."""
        self._trades = TradeMinutes(has_consecutive_ids=has_consecutive_ids)

    def push_trade(self, trade: Trade) -> None:
        """Take a trade; `close_traded` closes."""
        if self._trades is not None:
            self._trades.push(trade)

    def close_traded(self, streamed_until: int, empty: EmptyMinutes | None) -> list[ClosedCandle]:
        """Return the candles that the trades up to `streamed_until` (ms) close; `empty`: what one without trades is."""
        if self._trades is None:
            return []
        built = self._trades.close(streamed_until)
        self._minutes.doubt(built.doubtful)
        closed: list[ClosedMinute] = []
        for time, traded in built.closed:
            candle = traded or (self._carry(time) if empty == "carried" else None)
            if candle is None and empty != "skipped":
                continue
            if self._proof.admit(time, candle):
                closed += self._minutes.close(time, candle)
        return self._roll_up(closed)

    def answer(self, fetch: Fetch, candles: Iterable[Candle]) -> list[ClosedCandle]:
        """Take what the exchange returned for a fetch; return the candles that this closes or changes."""
        if fetch.timeframe == "1m":
            found = list(candles)
            self._proof.compare(found)
            return self._roll_up(self._minutes.answer(fetch.first, fetch.end, found))
        wanted = set(fetch.times)
        return self._select(
            closed
            for candle in candles
            if candle.time in wanted
            for closed in self._rollup.accept(fetch.timeframe, candle)
        )

    def find_missing(self, now: int, connected_since: int | None) -> list[MissingCandle]:
        """Return the candles to fetch at `now`, each once; see `MinuteBuilder.find_missing`."""
        minutes = self._minutes.find_missing(now, connected_since)
        longer, self._missing = self._missing, []
        return [
            *(
                MissingCandle("1m", one.time, "unproven" if self._proof.is_open(one.time) else one.cause)
                for one in minutes
            ),
            *longer,
        ]

    def sample(self) -> Fetch | None:
        """Return the fetch of minutes that were closed not long ago, to compare them; None where there are none."""
        times = self._minutes.closed_times
        return Fetch("1m", times, {"sample": len(times)}) if times else None

    def put_back(self, fetch: Fetch) -> None:
        """Let the candles of a fetch that failed be returned as missing again."""
        if fetch.timeframe == "1m":
            self._minutes.forget(fetch.times)
        else:
            cause = next(iter(fetch.causes))
            self._missing += [MissingCandle(fetch.timeframe, time, cause) for time in fetch.times]

    def _carry(self, time: int) -> Candle | None:
        """Return the minute at the close of the one before it; None where that is not known."""
        close = self._minutes.last_close(time)
        return None if close is None else Candle(time, close, close, close, close, 0.0)

    def _roll_up(self, minutes: Sequence[ClosedMinute]) -> list[ClosedCandle]:
        out: list[ClosedCandle] = []
        for minute in minutes:
            closed, missing = self._rollup.add(minute)
            out += self._select(closed)
            self._missing += [one for one in missing if one.time >= self._from[one.timeframe]]
        return out

    def _select(self, closed: Iterable[ClosedCandle]) -> list[ClosedCandle]:
        """Return the candles to publish: none that closed before this follower began, unless they were missed."""
        selected = [one for one in closed if one.candle.time >= self._from[one.timeframe]]
        for one in selected:
            self._last[one.timeframe] = max(one.candle.time, self._last.get(one.timeframe, 0))
        return selected
