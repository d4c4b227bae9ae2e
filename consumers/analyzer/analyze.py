"""Compute the levels of a fetched series, in a thread."""

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


async def analyze_series(series: Series, params: Params) -> Analysis:
    """Analyse closed candles. Raises Permanent (`too_few_candles`; `invalid_request` and `internal` for plugins)."""
    try:
        if params.method not in METHODS:
            return await asyncio.to_thread(
                analyze_with, params.method, series.closed, params, last_price=series.last_price
            )
        return await asyncio.to_thread(analyze, series.closed, params, last_price=series.last_price)
    except UnknownMethod as error:
        raise Permanent("invalid_request", f"params: method: {error}") from error
    except MethodFailed as error:
        raise Permanent("internal", str(error)) from error
    except TooFewCandles as error:
        raise Permanent("too_few_candles", "; ".join((str(error), *series.notes))) from error
