"""When a request for a watched market is due. Pure: market and `now` (ms) come in; `agenda.py` keeps all of them.

A market's request is due just after each of its candles closes. Markets are spread out: each has a fixed offset within
the spread. A candle that a newer one has superseded is never requested, so a pause of any length leaves one request a
market, and those go out no faster than any others.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from schemas.calendar import default_phase
from schemas.market import TIMEFRAMES, Market, candle_end, candle_open_of_ms
from schemas.values import from_ms

_FRACTION = 4
"""Delay and spread are each at most this part of a candle: a request goes out while its candle is the newest."""

_VALID_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NAMESPACE = uuid.UUID("9f1cf9cf-5c3f-5f3e-8a51-1c1a5f8a3b0d")


@dataclass(frozen=True, slots=True)
class SchedulePolicy:
    """`delay`: seconds from a close to the first request; `spread`: from first to last; `rate`: requests a second."""

    delay: float = 2.0
    spread: float = 30.0
    rate: float = 200.0
    phases: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Where candles begin (ms), by exchange and timeframe, as seen in results; else as `schemas.calendar` has it."""

    def phase_of(self, market: Market) -> int | None:
        """Return the phase of the market's candles; None for months."""
        if market.timeframe == "1M":
            return None
        key = market.exchange, market.timeframe
        return self.phases.get(key, default_phase(*key))


@dataclass(frozen=True, slots=True)
class DueRequest:
    """A request that is due `at` (ms) for the closed candle that opened at `candle` (ms)."""

    market: Market
    candle: int
    at: int

    @property
    def superseded_at(self) -> int:
        """When (ms) the request for the next candle is due instead."""
        return self.at + TIMEFRAMES[self.market.timeframe]


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """`tokens` requests may go out at `at` (ms); tokens grow with time."""

    at: int
    tokens: float = 0.0

    def refill(self, now: int, rate: float) -> "TokenBucket":
        """Return the bucket at `now`; it holds at most one second's tokens, but always room for one."""
        seconds = max(0, now - self.at) / 1_000
        return TokenBucket(max(now, self.at), min(max(1.0, rate), self.tokens + seconds * rate))

    def take(self, count: int) -> "TokenBucket":
        return TokenBucket(self.at, self.tokens - count)


def due_at(market: Market, candle: int, policy: SchedulePolicy) -> int:
    """Return when (ms) the candle that opened at `candle` is requested: after its close, at the market's offset."""
    limit = TIMEFRAMES[market.timeframe] // _FRACTION
    spread = min(policy.spread * 1_000, limit)
    return candle_end(candle, market.timeframe) + int(
        min(policy.delay * 1_000, limit) + _spread_position(market.key) * spread
    )


def newest_due(market: Market, now: int, policy: SchedulePolicy) -> DueRequest:
    """Return the request for the newest candle of `market` that is due at `now`."""
    phase = policy.phase_of(market)
    closed = _previous_candle(candle_open_of_ms(now, market.timeframe, phase), market.timeframe, phase)
    at = due_at(market, closed, policy)
    if at > now:
        closed = _previous_candle(closed, market.timeframe, phase)
        at = due_at(market, closed, policy)
    return DueRequest(market, closed, at)


def next_due_at(market: Market, now: int, policy: SchedulePolicy) -> int:
    """Return when (ms, after `now`) the next request of `market` is due."""
    phase = policy.phase_of(market)
    opened = candle_open_of_ms(now, market.timeframe, phase)
    at = due_at(market, _previous_candle(opened, market.timeframe, phase), policy)
    return at if at > now else due_at(market, opened, policy)


def request_id_of(due: DueRequest) -> str:
    """Return the id, which is the same in every scheduler, so that a second request for a candle is recognised."""
    key, candle = due.market.key, f"{from_ms(due.candle):%Y%m%dT%H%M%SZ}"
    readable = f"schedule:{key}:{candle}"
    if _VALID_ID.fullmatch(readable):
        return readable
    return (
        f"schedule:{uuid.uuid5(_NAMESPACE, key)}:{candle}"  # the symbol has letters that an id may not have
    )


def _previous_candle(candle: int, timeframe: str, phase: int | None) -> int:
    """Return the open time (ms) of the candle before."""
    return candle_open_of_ms(candle - 1, timeframe, phase)


def _spread_position(key: str) -> float:
    """Return a market's position in the spread, from 0 to 1, which is the same in every process."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") / 2**32
