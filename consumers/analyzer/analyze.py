"""Compute the levels of a fetched series: on the event loop in turns, or in a thread where that may take long."""

import asyncio
from collections.abc import Mapping
from typing import Any

from consumers.analyzer.methods import MethodFailed, UnknownMethod, analyze_with
from exchanges.ports import Series
from levels import Analysis, InvalidParams, Params, TooFewCandles, analyze
from levels.params import METHODS
from runtime.errors import Permanent

_DEFAULT = Params()


def parse_params(params: Mapping[str, Any]) -> Params:
    """Return a request's params. Raises Permanent (`invalid_request`)."""
    if not params:
        return _DEFAULT
    try:
        return Params.from_dict(params)
    except InvalidParams as error:
        raise Permanent("invalid_request", f"params: {error}") from error


class SeriesAnalyzer:
    """Analyses with the default params run on the loop, one in an iteration: they take 1 to 3 ms.

    A thread would share the interpreter's lock with the loop, and to hand each over costs more than it saves. What a
    caller's own params cost has no such bound, so these run in a thread: docs/adr/0039-analysis-on-the-loop.md.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def analyze(self, series: Series, params: Params) -> Analysis:
        """Analyse closed candles. Raises Permanent (`too_few_candles`; `invalid_request`, `internal` for plugins)."""
        try:
            if params is _DEFAULT:
                async with self._turn:
                    await asyncio.sleep(0)  # everything else that is ready runs first
                    return _analyze(series, params)
            return await asyncio.to_thread(_analyze, series, params)
        except UnknownMethod as error:
            raise Permanent("invalid_request", f"params: method: {error}") from error
        except MethodFailed as error:
            raise Permanent("internal", str(error)) from error
        except TooFewCandles as error:
            raise Permanent("too_few_candles", "; ".join((str(error), *series.notes))) from error


def _analyze(series: Series, params: Params) -> Analysis:
    if params.method in METHODS:
        return analyze(series.closed, params, last_price=series.last_price)
    return analyze_with(params.method, series.closed, params, last_price=series.last_price)
