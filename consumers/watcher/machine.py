"""How a watch goes from price to price: armed, fired, resting, armed again, done. Pure.

The same prices, read again from anywhere, lead to the same fires: a price no later than the last fire neither arms
nor fires, so what was told already is not told once more under another arming.
"""

from dataclasses import replace
from typing import NamedTuple

from consumers.watcher.crossing import away, beyond, crossed
from consumers.watcher.watch import Fire, Standing, Tick, Watch
from schemas.market import candle_period_of_ms
from schemas.watches import CLOSES


class Step(NamedTuple):
    standing: Standing
    fire: Fire | None = None


def step(watch: Watch, standing: Standing, previous: Tick | None, tick: Tick) -> Step:
    """`tick` is the first price after `previous`, whose effects are in `standing` already."""
    if watch.condition in CLOSES:
        return _close(watch, standing, previous, tick)
    if previous is not None and crossed(previous.price, tick.price, watch):
        return _fire(watch, standing, tick)
    return Step(standing)


def armed_by(watch: Watch, standing: Standing, tick: Tick) -> Standing:
    """After `tick`: a close condition is armed by any price that is not beyond its target.

    Of the prices from before the watch only the last says anything: each takes back what the one before said.
    """
    if watch.condition not in CLOSES or standing.done or not standing.is_news(tick):
        return standing
    if away(tick.price, watch):
        return standing if standing.was_armed(tick.at) else replace(standing, armed_at=tick.at)
    return replace(standing, armed_at=None) if tick.told < watch.since else standing


def period_ended(timeframe: str, previous: Tick, tick: Tick) -> bool:
    """Whether `previous` was the last price of its candle."""
    return candle_period_of_ms(previous.at, timeframe) != candle_period_of_ms(tick.at, timeframe)


def _close(watch: Watch, standing: Standing, previous: Tick | None, tick: Tick) -> Step:
    fire = None
    if (
        previous is not None
        and watch.timeframe is not None
        and standing.was_armed(previous.at)
        and beyond(previous.price, watch)
        and period_ended(watch.timeframe, previous, tick)
    ):
        standing, fire = _fire(watch, standing, previous)
    return Step(armed_by(watch, standing, tick), fire)


def _fire(watch: Watch, standing: Standing, tick: Tick) -> Step:
    if not _counts(watch, standing, tick) or _rests(watch, standing, tick):
        return Step(standing)
    arm = standing.fires + 1
    return Step(replace(standing, fires=arm, fired_at=tick.at, done=watch.once), Fire(watch, arm, tick))


def _counts(watch: Watch, standing: Standing, tick: Tick) -> bool:
    if standing.done or tick.told < watch.since:
        return False
    if watch.expires_at is not None and tick.told >= watch.expires_at:
        return False
    return standing.is_news(tick)


def _rests(watch: Watch, standing: Standing, tick: Tick) -> bool:
    return standing.fired_at is not None and tick.at < standing.fired_at + watch.cooldown
