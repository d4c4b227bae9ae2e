"""Support and resistance levels of closed candles. Pure: numpy and scipy, no I/O, no other room of the house."""

from levels.analysis import ALGORITHM, analyze, visits_by_level
from levels.candles import Candles
from levels.errors import InvalidCandles, InvalidParams, TooFewCandles
from levels.matching import match
from levels.params import Params
from levels.results import Analysis, Level
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
