"""When each watched market is asked for. Pure: markets, what was asked already, and `now` (ms) in; decisions out.

A market is asked for just after each of its candles closes: not at once for all (each has its own moment within the
spread, always the same one), and never for a candle that a newer one has replaced. So whatever a pause was, it leaves
one request a market, and those go out no faster than any others do.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from schemas.market import TIMEFRAMES, Market, candle_end, candle_open
from schemas.values import from_ms

_PART = 4
"""No delay and no spread is longer than this part of a candle, so that its request goes out while it is the newest."""

_LEGIBLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_FOR_OTHERS = uuid.UUID("9f1cf9cf-5c3f-5f3e-8a51-1c1a5f8a3b0d")


@dataclass(frozen=True, slots=True)
class Pace:
    """`delay`: seconds from a close to the first request; `spread`: from that to the last; `rate`: most a second."""

    delay: float = 2.0
    spread: float = 30.0
    rate: float = 20.0


@dataclass(frozen=True, slots=True)
class Due:
    """A request that should have gone out `at` (ms); `candle` is the open time (ms) of the one that closed."""

    market: Market
    candle: int
    at: int

    @property
    def moot_at(self) -> int:
        """When the next candle takes its place."""
        return self.at + TIMEFRAMES[self.market.timeframe]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may go out: `left` requests at the time `at` (ms), and more with time."""

    at: int
    left: float = 0.0

    def grown(self, now: int, rate: float) -> "Allowance":
        """No more than a second's worth is ever saved up, and one request always."""
        passed = max(0, now - self.at) / 1_000
        return Allowance(max(now, self.at), min(max(1.0, rate), self.left + passed * rate))

    def spent(self, count: int) -> "Allowance":
        return Allowance(self.at, self.left - count)


def moment(market: Market, candle: int, pace: Pace) -> int:
    """When (ms) the candle that opened at `candle` is to be asked for: after its close, at this market's place."""
    part = TIMEFRAMES[market.timeframe] // _PART
    spread = min(pace.spread * 1_000, part)
    return candle_end(candle, market.timeframe) + int(
        min(pace.delay * 1_000, part) + _place(market.key) * spread
    )


def newest(market: Market, now: int, pace: Pace) -> Due:
    """The newest candle of `market` whose moment has come."""
    closed = _before(candle_open(from_ms(now), market.timeframe), market.timeframe)
    at = moment(market, closed, pace)
    if at > now:
        closed = _before(closed, market.timeframe)
        at = moment(market, closed, pace)
    return Due(market, closed, at)


def due(markets: Iterable[Market], asked: Mapping[str, int], now: int, pace: Pace) -> list[Due]:
    """What is to be asked for now, most urgent first. `asked`: the newest candle asked for, by market key."""
    found = (newest(market, now, pace) for market in markets)
    waiting = [one for one in found if one.candle > asked.get(one.market.key, -1)]
    # By when it is moot: then even where there is more than the rate allows no market waits for ever.
    return sorted(waiting, key=lambda one: (one.moot_at, one.market.key))


def next_moment(markets: Iterable[Market], now: int, pace: Pace) -> int | None:
    """When (ms, after `now`) something falls due next; None where nothing is watched."""
    return min((_next(market, now, pace) for market in markets), default=None)


def request_id(one: Due) -> str:
    """The same for everybody who asks for this market's candle, so that asking twice costs next to nothing."""
    key, candle = one.market.key, f"{from_ms(one.candle):%Y%m%dT%H%M%SZ}"
    legible = f"schedule:{key}:{candle}"
    if _LEGIBLE.fullmatch(legible):
        return legible
    return f"schedule:{uuid.uuid5(_FOR_OTHERS, key)}:{candle}"  # its symbol has letters that no id may have


def _next(market: Market, now: int, pace: Pace) -> int:
    opened = candle_open(from_ms(now), market.timeframe)
    at = moment(market, _before(opened, market.timeframe), pace)
    return at if at > now else moment(market, opened, pace)


def _before(candle: int, timeframe: str) -> int:
    """The open time (ms) of the candle before."""
    return candle_open(from_ms(candle - 1), timeframe)


def _place(key: str) -> float:
    """Where in the spread a market stands, from 0 to 1: the same in every process."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") / 2**32
