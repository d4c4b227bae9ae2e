"""Recorded series as the analyzer would publish them: a result for every candle."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from consumers.analyzer.events import build_completed
from levels import Candles, Params, analyze
from schemas.events import AnalysisCompleted
from schemas.market import Market, candle_end
from schemas.values import from_ms

WINDOW = 1_999
"""Closed candles of an analysis with the default limit."""


def read_candles(file: Path) -> Candles:
    """Return the candles of a file named `<exchange>_<SYMBOL>_<timeframe>.csv`."""
    columns = np.genfromtxt(file, delimiter=",", skip_header=1, unpack=True)
    return Candles(columns[0].astype(np.int64), *columns[1:])


def to_market(file: Path) -> Market:
    exchange, symbol, timeframe = file.stem.split("_")
    return Market.of(exchange, symbol, "spot", timeframe)


def publish_results(file: Path, count: int, params: Params = Params()) -> Iterator[AnalysisCompleted]:  # noqa: B008 - frozen
    """Yield the results of the last `count` candles, oldest first, each published 3 s after its close."""
    candles, market = read_candles(file), to_market(file)
    for end in range(len(candles) - count + 1, len(candles) + 1):
        answer = analyze(candles[max(0, end - WINDOW) : end], params)
        analyzed_at = from_ms(candle_end(answer.candle_at, market.timeframe)) + timedelta(seconds=3)
        (event,) = build_completed(answer, market, (f"r{answer.candle_at}",), analyzed_at)
        yield event
