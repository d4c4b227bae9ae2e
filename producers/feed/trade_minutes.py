"""Builds the minutes of one instrument from its trades. Pure.

A minute is closed by trades, never by arrival alone: at once by the trade that follows its last one by id and is of a
later minute, else once the stream has passed its end by SETTLE_MS. The first minute is the one after the first trade.

    dropped  ids have a gap: the minutes around it are not built, and are fetched; closed ones become doubtful,
             SETTLE_MS after the gap shows
    doubled  a trade whose id was there before changes nothing
    late     it counts if its minute is not closed yet; a closed one becomes doubtful
    cut      a new stream begins with a new `TradeMinutes`
"""

from dataclasses import dataclass, field
from decimal import Decimal

from exchanges.ports import Candle, Trade
from producers.feed.minutes import MAX_BEHIND, MINUTE

SETTLE_MS = 1_000
"""How far the stream must be past the end of a minute to close it where no id proves that nothing follows."""

_REMEMBERED = 3
"""Closed minutes whose ids are remembered, to recognise what comes twice."""


@dataclass
class _Trades:
    """The trades of one minute; `lowest` and `highest`: their ids where these are numbers, else 0."""

    ids: set[str] = field(default_factory=set)
    lowest: int = 0
    highest: int = 0
    first: Trade | None = None
    last: Trade | None = None
    high: float = 0.0
    low: float = float("inf")
    volume: Decimal = Decimal()

    def add(self, trade: Trade) -> None:
        """Count a trade; one that is there already is ignored."""
        if trade.id is not None:
            if trade.id in self.ids:
                return
            self.ids.add(trade.id)
            number = _number_of(trade)
            self.lowest = number if len(self.ids) == 1 else min(self.lowest, number)
            self.highest = max(self.highest, number)
        if self.first is None or _order(trade) < _order(self.first):
            self.first = trade
        if self.last is None or _order(trade) >= _order(self.last):
            self.last = trade
        self.high, self.low = max(self.high, trade.price), min(self.low, trade.price)
        self.volume += Decimal(repr(trade.amount))

    def to_candle(self, time: int) -> Candle | None:
        """Return the candle so far; None where nothing was traded."""
        if self.first is None or self.last is None:
            return None
        return Candle(time, self.first.price, self.high, self.low, self.last.price, float(self.volume))


@dataclass(frozen=True, slots=True)
class BuiltMinutes:
    """`closed`: minutes with their candle, None where nothing was traded; `doubtful`: earlier ones to be compared."""

    closed: tuple[tuple[int, Candle | None], ...] = ()
    doubtful: frozenset[int] = frozenset()


class TradeMinutes:
    """`has_consecutive_ids`: the ids of the market's trades are whole numbers without a gap."""

    def __init__(self, *, has_consecutive_ids: bool) -> None:
        self._has_ids = has_consecutive_ids
        self._minutes: dict[int, _Trades] = {}
        self._next: int | None = None
        self._last_id: int | None = None
        self._last_traded = 0
        self._doubtful: set[int] = set()
        self._noted_gap: int | None = None

    def push(self, trade: Trade) -> None:
        """Take a trade."""
        time = trade.at - trade.at % MINUTE
        if self._next is None:
            self._next = time
        elif time < self._next and (time not in self._minutes or trade.id not in self._minutes[time].ids):
            self._doubtful.add(time)
            return
        self._minutes.setdefault(time, _Trades()).add(trade)

    def close(self, streamed_until: int) -> BuiltMinutes:
        """Return what is closed when the stream has come to `streamed_until` (ms)."""
        closed: list[tuple[int, Candle | None]] = []
        self._skip_to(streamed_until - streamed_until % MINUTE - MAX_BEHIND)
        while self._next is not None and self._can_close(self._next, streamed_until):
            time, self._next = self._next, self._next + MINUTE
            trades = self._minutes.get(time, _Trades())
            if self._last_traded:  # else it is the minute in which the stream began
                if self._is_whole(trades):
                    closed.append((time, trades.to_candle(time)))
                else:
                    self._doubtful.update(range(self._last_traded, time, MINUTE))
            self._remember(time, trades)
        self._note_gap(streamed_until)
        doubtful, self._doubtful = frozenset(self._doubtful), set()
        return BuiltMinutes(tuple(one for one in closed if one[0] not in doubtful), doubtful)

    def _skip_to(self, oldest: int) -> None:
        """Build no minute before `oldest`: the first trade may be of any age, and have any date."""
        if self._next is not None and self._next < oldest:
            self._next = oldest
        self._last_traded = max(self._last_traded, oldest) if self._last_traded else 0

    def _can_close(self, time: int, streamed_until: int) -> bool:
        if streamed_until >= time + MINUTE + SETTLE_MS:
            return True
        following = self._find_following(time + MINUTE)
        if not self._has_ids or following is None:
            return False
        trades = self._minutes.get(time, _Trades())
        newest = trades.highest if trades.ids else self._last_id
        return newest is not None and following.lowest == newest + 1 and self._is_whole(trades)

    def _is_whole(self, trades: _Trades) -> bool:
        """Return whether no id is missing since the last minute with trades, or none could be."""
        if not self._has_ids or not trades.ids:
            return True
        begins = self._last_id is None or trades.lowest == self._last_id + 1
        return begins and trades.highest - trades.lowest + 1 == len(trades.ids)

    def _find_following(self, time: int) -> _Trades | None:
        """Return the first minute with trades that opens at `time` or later."""
        later = min((opened for opened in self._minutes if opened >= time), default=None)
        return None if later is None else self._minutes[later]

    def _note_gap(self, streamed_until: int) -> None:
        """Let the last closed minute with trades be doubtful where the next trade shows that one is missing."""
        if not self._has_ids or self._next is None or self._noted_gap == self._last_id:
            return
        following = self._find_following(self._next)
        if following is None or following.first is None or self._last_id is None:
            return
        if following.lowest > self._last_id + 1 and streamed_until >= following.first.at + SETTLE_MS:
            self._noted_gap = self._last_id
            self._doubtful.update(range(self._last_traded, self._next, MINUTE))

    def _remember(self, time: int, trades: _Trades) -> None:
        if trades.ids or trades.last:
            self._last_traded = time
        if trades.ids and self._has_ids:
            self._last_id = trades.highest
        for old in [one for one in self._minutes if one <= time - _REMEMBERED * MINUTE]:
            del self._minutes[old]


def _order(trade: Trade) -> tuple[int, int]:
    return trade.at, _number_of(trade)


def _number_of(trade: Trade) -> int:
    return int(trade.id) if trade.id is not None and trade.id.isdecimal() else 0
