"""Parameters of an analysis: every weight and tolerance in one frozen model with a stable hash."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from math import isfinite
from typing import Any, get_type_hints

from levels.errors import InvalidParams

METHODS = ("score", "p_hold", "reference")
PLUGIN = r"plugin:[A-Za-z0-9_.-]{1,64}"
"""Methods of other packages, which `analyze` itself does not run."""


@dataclass(frozen=True, slots=True)
class Params:
    """Validated parameters; raises InvalidParams when a value is of the wrong type or out of range."""

    method: str = "score"
    """What orders the levels: the documented score, `p_hold`, or `reference` (the plain algorithm, to compare)."""
    windows: tuple[int, ...] = (5, 10, 20, 30)
    """Orders of pivots: bars on each side that a pivot must exceed. Ascending."""
    plateaus: bool = True
    """The first of several equal extremes counts as a pivot (markets with a coarse tick are full of them)."""
    tolerance: float = 0.005
    """Least width of a zone as a fraction of price."""
    tolerance_atr: float | None = 0.25
    """Where this many ATR (of the 64 bars up to the anchor) are more, a zone is so wide. None: never."""
    anchor_order: int = 10
    """A zone is founded by a pivot that stands out over this many bars, or over the largest order if that is less."""
    separation_atr: float = 1.6
    """Anchors of zones lie at least this many ATR (median over the candles) apart, and never less than a width."""
    minor_separation_atr: float = 2.4
    """Pivots of smaller orders found a zone only this many ATR away from every other anchor, to fill a void."""
    atr_window: int = 14
    """Bars in the mean of true ranges."""
    leave_atr: float = 0.5
    """To leave a zone price must close beyond it by the zone's width plus this many ATR."""
    volume_window: int = 64
    """Bars before a visit whose mean is the usual volume."""
    max_hole: int = 100
    """After a hole of more missing candles the market is taken for a new one, and what was before it is left out."""
    max_ratio: float = 2.0
    """Levels beyond this ratio to the last price (twice, or half) are left out."""
    min_touches: int = 1
    """Levels with fewer visits are left out."""
    min_held: float = 0.0
    """Levels of whose decided visits a smaller share bounced are left out."""
    reach_floor: float = 0.05
    """Levels are ranked by score x (this + p_reach_100): what one that price never reaches keeps of its score."""
    per_side: int = 5
    """Levels reported a side."""
    weight_touches: float = 3.0
    weight_volume: float = 1.5
    weight_distance: float = 1.0
    weight_direction: float = 1.0
    touches_half: float = 4.0
    """The number of net touches that earns half of their weight."""
    break_cost: float = 1.0
    """The number of bounces that a break cancels in the touches' part."""
    distance_near: float = 0.01
    """Nearer to the last price than this fraction the distance earns less, in proportion."""
    distance_far: float = 0.10
    """Farther than this it earns less, in inverse proportion."""

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_type(field.name, getattr(self, field.name))
        object.__setattr__(self, "windows", tuple(self.windows))
        for name, bad, why in self._range_errors():
            if bad:
                raise InvalidParams(f"{name}: {getattr(self, name)!r} {why}")

    def _range_errors(self) -> list[tuple[str, bool, str]]:
        windows = self.windows
        ascending = list(windows) == sorted(set(windows))
        return [
            ("method", not _is_method(self.method), f"is none of {', '.join(METHODS)}, plugin:NAME"),
            ("windows", not 1 <= len(windows) <= 16, "needs 1 to 16 orders"),
            ("windows", not ascending or not windows or windows[0] < 1, "must ascend from 1 or more"),
            ("windows", bool(windows) and windows[-1] > 1000, "goes beyond 1000 bars"),
            ("anchor_order", not 1 <= self.anchor_order <= 1000, "is not in [1, 1000]"),
            ("tolerance", not 0 < self.tolerance <= 0.2, "is not in (0, 0.2]"),
            ("tolerance_atr", not 0 < (self.tolerance_atr or 1.0) <= 20, "is not in (0, 20]"),
            ("tolerance_atr", self.tolerance_atr == 0, "is not in (0, 20]"),
            ("minor_separation_atr", not 0 <= self.minor_separation_atr <= 1000, "is not in [0, 1000]"),
            ("atr_window", not 1 <= self.atr_window <= 1000, "is not in [1, 1000]"),
            ("leave_atr", not 0 <= self.leave_atr <= 20, "is not in [0, 20]"),
            ("volume_window", not 1 <= self.volume_window <= 1000, "is not in [1, 1000]"),
            ("max_hole", not 0 <= self.max_hole <= 1_000_000, "is not in [0, 1000000]"),
            ("max_ratio", not 1 < self.max_ratio <= 1e6, "is not in (1, 1e6]"),
            ("min_touches", not 0 <= self.min_touches <= 1_000_000, "is not in [0, 1000000]"),
            ("min_held", not 0 <= self.min_held <= 1, "is not in [0, 1]"),
            ("reach_floor", not 0 <= self.reach_floor <= 1000, "is not in [0, 1000]"),
            ("break_cost", not 0 <= self.break_cost <= 100, "is not in [0, 100]"),
            ("per_side", not 1 <= self.per_side <= 5, "is not in [1, 5]"),
            ("separation_atr", not 0 <= self.separation_atr <= 20, "is not in [0, 20]"),
            *((name, not 0 <= getattr(self, name) <= 1000, "is not in [0, 1000]") for name in _WEIGHTS),
            ("touches_half", not 0 < self.touches_half <= 1e6, "is not in (0, 1e6]"),
            ("distance_near", not 0 < self.distance_near <= self.distance_far, "is not in (0, distance_far]"),
            ("distance_far", not 0 < self.distance_far <= 10, "is not in (0, 10]"),
        ]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Params":
        """Return the Params of a request's mapping; raises InvalidParams naming an unknown or a bad field."""
        if not values:
            return (
                _default()
            )  # of nearly every request: its checks would take a tenth of the analyzer's own time
        known = {field.name for field in fields(cls)}
        unknown = sorted(str(name) for name in values if name not in known)
        if unknown:
            raise InvalidParams(
                f"unknown parameter {_list_names(unknown)}; there are {', '.join(sorted(known))}"
            )
        return cls(**dict(values))

    @property
    def hash(self) -> str:
        """Return 16 hex digits, equal for equal parameters on every machine and in every process."""
        return _hash(self)


@lru_cache(maxsize=1)
def _default() -> Params:
    return Params()


def _list_names(names: Sequence[str]) -> str:
    """List the first few; there may be thousands, of any length."""
    return ", ".join(name[:40] for name in names[:5]) + (", ..." if len(names) > 5 else "")


def _is_method(method: str) -> bool:
    return method in METHODS or re.fullmatch(PLUGIN, method) is not None


_WEIGHTS = ("weight_touches", "weight_volume", "weight_distance", "weight_direction")
_TYPES: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    float | None: ((int, float, type(None)), "a number or null"),
}


@lru_cache(maxsize=1)
def _type_hints() -> dict[str, Any]:
    return get_type_hints(Params)


def _check_type(name: str, value: object) -> None:
    hint = _type_hints()[name]
    if name == "windows":
        if not isinstance(value, list | tuple) or not all(type(item) is int for item in value):
            raise InvalidParams(f"windows: {value!r} is not a list of whole numbers")
        return
    types, description = _TYPES[hint]
    # bool is an int in Python, but not a number in JSON
    wrong = not isinstance(value, types) or (isinstance(value, bool) and hint is not bool)
    if wrong or (isinstance(value, float) and not isfinite(value)):
        raise InvalidParams(f"{name}: {value!r} is not {description}")


@lru_cache(maxsize=256)
def _hash(params: Params) -> str:
    # 3 and 3.0 are equal parameters, so they must be written alike
    plain = {
        name: float(value) if type(value) is int else list(value) if isinstance(value, tuple) else value
        for name, value in asdict(params).items()
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
