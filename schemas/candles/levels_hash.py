"""A hash of a market's levels, by which programs that never met find that they have the same ones. Pure."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from schemas.values import SIGNIFICANT_DIGITS, to_ms

_encode = json.JSONEncoder(separators=(",", ":")).encode


class _Level(Protocol):
    """A level of an analysis, of a result or of a state; times are UTC or in ms."""

    @property
    def level_id(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def price(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def touches(self) -> int: ...
    @property
    def bounces(self) -> int: ...
    @property
    def breaks(self) -> int: ...
    @property
    def last_touch_at(self) -> int | datetime: ...


def hash_levels(levels: Iterable[_Level]) -> str:
    """Return 16 hex digits over what the levels are and what happened at them, in any order.

    Distances, and what follows from them, are left out: they change with every price.
    """
    text = _encode(sorted(map(_to_facts, levels)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _to_facts(level: _Level) -> tuple[str | int, ...]:
    at = level.last_touch_at
    return (
        level.level_id,
        level.side,
        *(f"{price:.{SIGNIFICANT_DIGITS}g}" for price in (level.price, level.low, level.high)),
        level.touches,
        level.bounces,
        level.breaks,
        to_ms(at) if isinstance(at, datetime) else at,
    )
