"""What a price between closes does to the levels of its instrument: it approaches or touches them. Pure.

An event is published once per candle, and at the close it is confirmed or withdrawn. While the price stays between the
nearest edges at which anything can happen, nothing is looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from consumers.tracker.bands import Band, away_band, near_band
from consumers.tracker.market_state import MarketState
from levels.lifecycle import TrackedLevel
from schemas.calendar import default_phase
from schemas.market import Market, candle_open_of_ms

LiveKind = Literal["approached", "touched"]

_ANYWHERE = Band(float("-inf"), float("inf"))


class Tick(NamedTuple):
    """A price and its time (ms) by the exchange's clock."""

    price: float
    traded_at: int


class LiveHit(NamedTuple):
    """A price that has approached or touched a level, in the candle that opened at `candle_at` (ms)."""

    kind: LiveKind
    market: Market
    level: TrackedLevel
    candle_at: int
    tick: Tick


class OpenEvent(NamedTuple):
    """A live event that no close has confirmed or withdrawn: its kind, level and candle (ms)."""

    kind: LiveKind
    level_id: str
    candle_at: int


@dataclass(slots=True)
class LiveLevel:
    """A level between two closes. `open`: kinds of its live events that no close has resolved."""

    level: TrackedLevel
    near: Band
    away: Band
    zone: Band
    is_near: bool
    open: set[LiveKind] = field(default_factory=set)

    def advance(self, previous: float | None, price: float) -> Iterator[LiveKind]:
        """Yield what the step to `price` begins."""
        if not self.is_near and self.near.contains(price):
            self.is_near = True
            if "approached" not in self.open:
                self.open.add("approached")
                yield "approached"
        elif self.is_near and not self.away.contains(price):
            self.is_near = False
        if self._can_be_touched() and self._is_met(previous, price):
            self.open.add("touched")
            yield "touched"

    def edges(self) -> Iterator[float]:
        """Yield the prices at which the next thing can happen."""
        yield from self.away if self.is_near else self.near
        if self._can_be_touched():
            yield from self.zone

    def _can_be_touched(self) -> bool:
        level = self.level
        return "touched" not in self.open and level.touches <= level.bounces + level.breaks

    def _is_met(self, previous: float | None, price: float) -> bool:
        if self.zone.contains(price):
            return True
        return previous is not None and self.zone.is_crossed(previous, price)


class LiveMarket:
    """The levels of one market as of its last close, and what prices have done to them since."""

    def __init__(
        self,
        market: Market,
        state: MarketState,
        open_events: Iterable[OpenEvent],
        before: "LiveMarket | None",
    ) -> None:
        self.market = market
        self.candle_at = state.candle_at
        self.atr = state.atr
        self._phase = default_phase(market.exchange, market.timeframe)
        kept = before.levels if before is not None and before.candle_at == state.candle_at else {}
        self.levels: dict[str, LiveLevel] = {
            name: kept.get(name) or _open_level(level, state, name in state.near)
            for name, level in state.levels.items()
        }
        for event in open_events:
            if (live := self.levels.get(event.level_id)) is not None and event.kind not in live.open:
                live.open.add(event.kind)
                live.is_near |= event.kind == "approached"

    def find_candle(self, time: int) -> int | None:
        """Return the open time (ms) of the candle of `time` (ms); None if that candle has closed."""
        candle_at = candle_open_of_ms(time, self.market.timeframe, self._phase)
        return candle_at if candle_at > self.candle_at else None

    def advance(self, previous: Tick | None, tick: Tick, candle_at: int) -> Iterator[LiveHit]:
        """Yield what `tick` begins in the candle that opened at `candle_at` (ms)."""
        for live in self.levels.values():
            for kind in live.advance(previous.price if previous else None, tick.price):
                yield LiveHit(kind, self.market, live.level, candle_at, tick)


class LiveInstrument:
    """All markets of one instrument, its last price, and the prices between which nothing happens."""

    def __init__(self) -> None:
        self.markets: dict[str, LiveMarket] = {}
        self._previous: Tick | None = None
        self._quiet: Band | None = None

    def put(self, markets: Mapping[str, LiveMarket]) -> None:
        """Replace the markets."""
        self.markets = dict(markets)
        self._quiet = None

    def advance(self, tick: Tick) -> list[LiveHit]:
        """Return what a price begins. One that is older than the last is ignored."""
        previous = self._previous
        if previous is not None and tick.traded_at < previous.traded_at:
            return []
        self._previous = tick
        if self._quiet is not None and self._quiet.low < tick.price < self._quiet.high:
            return []
        candles = {key: market.find_candle(tick.traded_at) for key, market in self.markets.items()}
        hits = [
            hit
            for key, candle_at in candles.items()
            if candle_at is not None
            for hit in self.markets[key].advance(previous, tick, candle_at)
        ]
        # A market that has not looked at this price may have an edge on this side of it.
        self._quiet = None if None in candles.values() else self._find_quiet(tick.price)
        return hits

    def _find_quiet(self, price: float) -> Band:
        """Return the nearest edges around `price`."""
        edges = [
            edge
            for market in self.markets.values()
            for live in market.levels.values()
            for edge in live.edges()
        ]
        return Band(
            max((edge for edge in edges if edge <= price), default=_ANYWHERE.low),
            min((edge for edge in edges if edge >= price), default=_ANYWHERE.high),
        )


def _open_level(level: TrackedLevel, state: MarketState, is_near: bool) -> LiveLevel:
    return LiveLevel(
        level,
        near_band(level.price, state.atr),
        away_band(level.price, state.atr),
        Band(level.low, level.high),
        is_near,
    )
