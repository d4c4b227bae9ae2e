"""Watches and prices for tests, and a naive oracle for one watch that uses its whole history."""

from collections.abc import Sequence
from typing import Any

from consumers.watcher.watch import Tick, Watch

MINUTE = 60_000
NOON_MS = 1_763_812_800_000
"""2025-11-22T12:00:00Z: the time of the first test price."""


def a_watch(condition: str = "touch", target: float = 100.0, **fields: Any) -> Watch:
    return Watch(
        **{
            "id": "w",
            "exchange": "sim",
            "market_type": "spot",
            "symbol": "BTCUSDT",
            "condition": condition,
            "target": target,
            "side": "long",
            "timeframe": "1m" if condition.startswith("close") else None,
            "within_pct": 1.0 if condition == "approach" else None,
        }
        | fields
    )


def ticks(prices: Sequence[float], *, apart: int = 1_000, start: int = NOON_MS) -> list[Tick]:
    """Return prices `apart` ms from one another, published when traded."""
    return [Tick(price, start + n * apart, start + n * apart) for n, price in enumerate(prices)]


class NaiveWatch:
    """What a touch, cross or approach (in percent) should do, written naively.

    `fired` has the times (ms) of the prices that fired.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.fired: list[int] = []
        self._armed: set[str] = (
            set()
        )  # the side of the target, or of what is near it, on which price was: "below", "above"
        self._last: Tick | None = None

    def process(self, tick: Tick) -> None:
        if self._last is not None and tick.traded_at < self._last.traded_at:
            return
        self._process_crossing(tick)
        self._last = tick

    def _process_crossing(self, tick: Tick) -> None:
        target, condition = self.watch.target, self.watch.condition
        near = target * (self.watch.within_pct or 0.0) / 100
        came_up = "below" in self._armed and tick.price >= target - near and condition != "cross_down"
        came_down = "above" in self._armed and tick.price <= target + near and condition != "cross_up"
        if came_up or came_down:
            self._fire(tick)
        is_below, is_above = tick.price < target - near, tick.price > target + near
        self._armed = {"below"} if is_below else {"above"} if is_above else set()

    def _fire(self, tick: Tick) -> bool:
        watch = self.watch
        if self.fired and (
            watch.once or tick.traded_at <= self.fired[-1] or tick.traded_at - self.fired[-1] < watch.cooldown
        ):
            return False
        if tick.published_at < watch.since or (
            watch.expires_at is not None and tick.published_at >= watch.expires_at
        ):
            return False
        self.fired.append(tick.traded_at)
        return True
