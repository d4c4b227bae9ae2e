"""The values that the watcher works on: a watch, a price, the state of a watch, and a fire."""

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from schemas.market import Market, MarketType, instrument_key
from schemas.values import from_ms
from schemas.watch_events import Direction, WatchBlinded, WatchExpired, WatchFired, WatchSighted, fire_id
from schemas.watches import Condition, WatchDelivery

_MAX_DELAY_MS = 3_600_000
"""How late a price may be published: as long as the prices topic keeps it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the row of a watch asks for. Times are in ms; prices published before `since` do not fire it."""

    id: str
    exchange: str
    market_type: MarketType
    symbol: str
    condition: Condition
    target: float
    side: Direction
    since: int = 0
    timeframe: str | None = None
    level_id: str | None = None
    note: str | None = None
    delivery: WatchDelivery | None = None
    once: bool = True
    cooldown: int = 0
    expires_at: int | None = None
    within_pct: float | None = None
    within_atr: float | None = None
    atr: float | None = None

    @property
    def low(self) -> float:
        """The price at which a rise reaches the watch: the target, or the edge of what counts as near it."""
        return self.target - self._distance

    @property
    def high(self) -> float:
        """The same for a fall."""
        return self.target + self._distance

    @property
    def _distance(self) -> float:
        if self.condition != "approach":
            return 0.0
        if self.within_pct is not None:
            return self.target * self.within_pct / 100
        return (self.within_atr or 0.0) * (self.atr or 0.0)

    @property
    def instrument(self) -> str:
        return instrument_key(self.exchange, self.market_type, self.symbol)

    def market(self, timeframe: str) -> Market:
        """Return the market whose candles of `timeframe` show what the price did."""
        return Market(
            exchange=self.exchange,
            symbol=self.symbol,
            market_type=self.market_type,
            timeframe=timeframe,
        )


class Tick(NamedTuple):
    """A price. `traded_at` (ms) is by the exchange's clock, `published_at` (ms) by that of our price publisher."""

    price: float
    traded_at: int
    published_at: int

    @property
    def known_at(self) -> int:
        """Until when (ms) the price is known, by a clock like ours.

        An exchange whose clock is hours behind replays the past, so that the time of publication counts.
        """
        is_replay = self.published_at - self.traded_at > _MAX_DELAY_MS
        return self.published_at if is_replay else min(self.traded_at, self.published_at)


@dataclass(frozen=True, slots=True)
class WatchState:
    """How far a watch has got: `fires` is its highest arming that fired, by a price traded at `fired_at` (ms).

    `armed_at` (ms) is the price that armed a close condition, if later than `fired_at`. Other conditions need none:
    they are armed exactly while the latest price is away from their target. `is_done`: it fired, and fires only once.
    `away_at` (ms): the latest price known not to be beyond the target of a close condition, which arms it again after
    a candle before it has fired.
    """

    fires: int = 0
    fired_at: int | None = None
    armed_at: int | None = None
    is_done: bool = False
    away_at: int | None = None

    def is_after_last_fire(self, tick: Tick) -> bool:
        """Return whether `tick` is later than the price that fired last."""
        return self.fired_at is None or tick.traded_at > self.fired_at

    def is_armed_at(self, time: int) -> bool:
        """Return whether a close condition was armed by a price traded no later than `time` (ms)."""
        if self.armed_at is None or self.armed_at > time:
            return False
        return self.fired_at is None or self.armed_at > self.fired_at


class LoadedWatch(NamedTuple):
    """A watch with its state as in the table, and the row's version.

    `state` lacks what the watch events report and the sink has not written yet.
    """

    watch: Watch
    state: WatchState
    version: int


class Fire(NamedTuple):
    """A watch that fired: the number of its arming and the price. `is_late`: a candle showed it, not a price."""

    watch: Watch
    arm: int
    tick: Tick
    is_late: bool = False

    def to_event(self) -> WatchFired:
        return WatchFired(
            **_event_fields(self.watch),
            fire_id=fire_id(self.watch.id, self.arm),
            price=self.tick.price,
            at=from_ms(self.tick.traded_at),
            arm=self.arm,
            late=self.is_late,
        )


def to_expiry_event(watch: Watch, expired_at: int) -> WatchExpired:
    """Return the event that `watch` expired at that time (ms)."""
    return WatchExpired(**_event_fields(watch), at=from_ms(expired_at))


def to_blinded_event(watch: Watch, blind_from: int) -> WatchBlinded:
    """Return the event that no price of `watch` is known since then (ms)."""
    return WatchBlinded(**_event_fields(watch), at=from_ms(blind_from))


def to_sighted_event(watch: Watch, blind_from: int, at: int) -> WatchSighted:
    """Return the event that the price of `watch` is known again at `at` (ms)."""
    return WatchSighted(**_event_fields(watch), blind_from=from_ms(blind_from), at=from_ms(at))


class _EventFields(TypedDict):
    """The fields that both events of a watch have."""

    watch_id: str
    exchange: str
    market_type: MarketType
    symbol: str
    condition: str
    target: float
    side: Direction
    level_id: str | None
    timeframe: str | None
    note: str | None
    delivery: WatchDelivery | None


def _event_fields(watch: Watch) -> _EventFields:
    return {
        "watch_id": watch.id,
        "exchange": watch.exchange,
        "market_type": watch.market_type,
        "symbol": watch.symbol,
        "condition": watch.condition,
        "target": watch.target,
        "side": watch.side,
        "level_id": watch.level_id,
        "timeframe": watch.timeframe,
        "note": watch.note,
        "delivery": watch.delivery,
    }
