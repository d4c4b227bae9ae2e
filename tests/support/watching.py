"""Watches and prices for tests, and an oracle that follows one watch by keeping everything it ever heard."""

from collections.abc import Sequence
from typing import Any

from consumers.watcher.watch import Tick, Watch

MINUTE = 60_000
NOON_MS = 1_763_812_800_000
"""2025-11-22T12:00:00Z: where tests' prices begin."""


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
        }
        | fields
    )


def ticks(prices: Sequence[float], *, apart: int = 1_000, start: int = NOON_MS) -> list[Tick]:
    """`apart` ms from one another, told when they were made."""
    return [Tick(price, start + n * apart, start + n * apart) for n, price in enumerate(prices)]


class PlainWatch:
    """What one watch should do, said as people say it. `fired` has the times (ms) of the prices that fired."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.fired: list[int] = []
        self._armed: set[str] = set()  # the sides of the target where price was: "below", "above"
        self._last: Tick | None = None

    def hear(self, tick: Tick) -> None:
        if self._last is not None and tick.at < self._last.at:
            return
        if self.watch.condition.startswith("close"):
            self._hear_close(tick)
        else:
            self._hear_crossing(tick)
        self._last = tick

    def _hear_crossing(self, tick: Tick) -> None:
        target, condition = self.watch.target, self.watch.condition
        came_up = "below" in self._armed and tick.price >= target and condition != "cross_down"
        came_down = "above" in self._armed and tick.price <= target and condition != "cross_up"
        if came_up or came_down:
            self._fire(tick)
        self._armed = {"below"} if tick.price < target else {"above"} if tick.price > target else set()

    def _hear_close(self, tick: Tick) -> None:
        close = self._last
        ended = close is not None and close.at // MINUTE != tick.at // MINUTE
        if close is not None and ended and self._armed and self._is_beyond(close) and self._fire(close):
            self._armed = set()
        if not self._is_beyond(tick):
            self._armed = {"away"}
        elif tick.told < self.watch.since:
            self._armed = set()

    def _is_beyond(self, tick: Tick) -> bool:
        above = self.watch.condition == "close_above"
        return tick.price > self.watch.target if above else tick.price < self.watch.target

    def _fire(self, tick: Tick) -> bool:
        watch = self.watch
        if self.fired and (
            watch.once or tick.at <= self.fired[-1] or tick.at - self.fired[-1] < watch.cooldown
        ):
            return False
        if tick.told < watch.since or (watch.expires_at is not None and tick.told >= watch.expires_at):
            return False
        self.fired.append(tick.at)
        return True
