"""Support and resistance levels of closed candles. Pure: numpy and scipy, no I/O, no other room of the house.

The names that compute are imported at their first use, so that who needs `Params` or the errors alone loads no numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from levels.errors import InvalidCandles, InvalidParams, TooFewCandles
from levels.matching import match
from levels.params import Params
from levels.results import Analysis, Level

if TYPE_CHECKING:
    from levels.analysis import ALGORITHM, analyze, visits_by_level
    from levels.candles import Candles
    from levels.visits import Visit

__all__ = [
    "ALGORITHM",
    "Analysis",
    "Candles",
    "InvalidCandles",
    "InvalidParams",
    "Level",
    "Params",
    "TooFewCandles",
    "Visit",
    "analyze",
    "match",
    "visits_by_level",
]

_COMPUTING = {
    "ALGORITHM": "analysis",
    "Candles": "candles",
    "Visit": "visits",
    "analyze": "analysis",
    "visits_by_level": "analysis",
}
"""The module of each name that needs numpy."""


def __getattr__(name: str) -> Any:
    if name not in _COMPUTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_COMPUTING[name]}"), name)
    globals()[name] = value
    return value
