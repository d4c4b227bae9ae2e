"""Hands the trades of one stream to their followers, and closes minutes as the stream passes them."""

from collections.abc import Callable, Collection, Sequence

from exchanges.ports import Tradable, Trade, TradeStream, UnreadableTrade
from producers.feed.follower import InstrumentFollower
from producers.feed.minutes import MINUTE
from producers.feed.rollup import ClosedCandle
from producers.feed.trade_minutes import SETTLE_MS

FindFollower = Callable[[str, int], InstrumentFollower | None]
"""(symbol, now) -> its follower; None where it is not followed."""


class TradeIntake:
    """Belongs to one stream: a follower begins with the first of its trades there, so nothing before it is assumed."""

    def __init__(self, stream: TradeStream, find_follower: FindFollower) -> None:
        self._stream = stream
        self._find_follower = find_follower
        self._begun: dict[Tradable, InstrumentFollower] = {}
        self._passed = 0
        self.streamed_until = 0

    def take(
        self, trades: Sequence[Trade | UnreadableTrade], now: int
    ) -> list[tuple[Tradable, ClosedCandle]]:
        """Take trades at `now` (ms, by the exchange's clock); return the candles that this closes.

        After one that cannot be read its follower begins again, as with a new stream: it may be of any minute.
        """
        for trade in trades:
            if isinstance(trade, UnreadableTrade):
                self._begun.pop(trade.market, None)
                continue
            self.streamed_until = max(self.streamed_until, min(trade.at, now))
            if (follower := self._find(trade.market, now)) is not None:
                follower.push_trade(trade)
        return [
            (market, closed)
            for market in self._list_due(trades)
            for closed in self._begun[market].close_traded(self.streamed_until, self._stream.empty_minutes)
        ]

    def _find(self, market: Tradable, now: int) -> InstrumentFollower | None:
        follower = self._find_follower(market.symbol, now)
        if follower is None:
            self._begun.pop(market, None)
        elif self._begun.get(market) is not follower:
            follower.begin_trades(has_consecutive_ids=self._stream.has_consecutive_ids)
            self._begun[market] = follower
        return follower

    def _list_due(self, trades: Sequence[Trade | UnreadableTrade]) -> Collection[Tradable]:
        """Return every market where the stream has passed another minute, else those of the trades."""
        passed = (self.streamed_until - SETTLE_MS) // MINUTE
        is_new, self._passed = passed > self._passed, passed
        return list(self._begun) if is_new else {one.market for one in trades} & self._begun.keys()
