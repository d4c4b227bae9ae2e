"""Price levels that markets keep turning at. Pure: numpy and scipy, no I/O, nothing else of ours."""

from levels.analysis import ALGORITHM, analyze
from levels.candles import Candles
from levels.errors import InvalidCandles, InvalidParams, TooFewCandles
from levels.params import Params
from levels.results import Analysis, Level

__all__ = [
    "ALGORITHM",
    "Analysis",
    "Candles",
    "InvalidCandles",
    "InvalidParams",
    "Level",
    "Params",
    "TooFewCandles",
    "analyze",
]
