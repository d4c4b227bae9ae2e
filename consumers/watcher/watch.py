"""A watch as the watcher holds it, a price as it was told, and what follows when they meet."""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.events import Direction, WatchFired, fire_id
from schemas.market import MarketType, instrument_key
from schemas.values import from_ms
from schemas.watches import Condition


@dataclass(frozen=True, slots=True)
class Watch:
    """What its row asks for. Times are in ms; `since`: prices told before that do not count for it."""

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
    once: bool = True
    cooldown: int = 0
    expires_at: int | None = None

    @property
    def place(self) -> str:
        return instrument_key(self.exchange, self.market_type, self.symbol)


class Tick(NamedTuple):
    """`at` is when the exchange says (ms), `told` when it was published: by the clock of our own house."""

    price: float
    at: int
    told: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a watch stands: `fires` is its highest arming that fired, by a price of `fired_at` (ms).

    `armed_at` (ms) is the price that armed a close condition, if later than `fired_at`. The other conditions need none:
    they are armed exactly while the latest price is away from their target. `done`: it fired once, and that was all.
    """

    fires: int = 0
    fired_at: int | None = None
    armed_at: int | None = None
    done: bool = False

    def is_news(self, tick: Tick) -> bool:
        """Whether `tick` is later than the price that fired last."""
        return self.fired_at is None or tick.at > self.fired_at

    def was_armed(self, at: int) -> bool:
        """Whether a close condition was armed by the price of that time (ms)."""
        if self.armed_at is None or self.armed_at > at:
            return False
        return self.fired_at is None or self.armed_at > self.fired_at


class Fire(NamedTuple):
    """A watch that fired: for which arming, and the price that did it."""

    watch: Watch
    arm: int
    tick: Tick

    def event(self) -> WatchFired:
        watch = self.watch
        return WatchFired(
            fire_id=fire_id(watch.id, self.arm),
            watch_id=watch.id,
            exchange=watch.exchange,
            market_type=watch.market_type,
            symbol=watch.symbol,
            condition=watch.condition,
            target=watch.target,
            price=self.tick.price,
            side=watch.side,
            at=from_ms(self.tick.at),
            level_id=watch.level_id,
            arm=self.arm,
        )
