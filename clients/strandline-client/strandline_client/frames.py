"""Levels as pandas data frames; needs the extra `pandas`."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from strandline_client.model import Model
from strandline_client.models import Candle, Publication, Result

if TYPE_CHECKING:
    import pandas as pd

_TIMES = {"candle_at", "known_from", "first_touch_at", "last_touch_at", "confirmed_at", "known_at"}


def levels_frame(result: Result) -> pd.DataFrame:
    """Return a row for each level of a result, in its order."""
    return _frame([_row(level) for level in result.levels])


def history_frame(publications: Iterable[Publication]) -> pd.DataFrame:
    """Return a row for each level of each publication, the oldest first; `known_at` is when it was published.

    A level of a row was known at `known_at`, and nothing in the row is younger.
    """
    ordered = sorted(publications, key=lambda one: one.analyzed_at)
    return _frame(
        [
            {"known_at": one.analyzed_at, "candle_at": one.candle_at, "last_price": one.last_price}
            | _row(level)
            for one in ordered
            for level in one.levels
        ]
    )


def known_levels_frame(exported: bytes) -> pd.DataFrame:
    """Return a row for each level at each close, of a `csv` that `export_levels` returned; times are in UTC.

    A row may be used from its `known_from` on, the close of its candle: nothing in it is younger.
    """
    import pandas as pd  # noqa: PLC0415 - an extra

    frame = pd.read_csv(io.BytesIO(exported))
    for name in _TIMES & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
    return frame


def candles_frame(candles: Iterable[Candle]) -> pd.DataFrame:
    """Return a row for each candle, indexed by its open time; `is_closed` is false for one that still changes."""
    return _frame([_row(candle) for candle in candles]).set_index("timestamp")


def _row(model: Model) -> dict[str, Any]:
    row = {one.name: getattr(model, one.name) for one in fields(model) if one.name != "raw"}
    if (parts := row.pop("score_parts", None)) is not None:
        row |= {f"score_{name}": value for name, value in _row(parts).items()}
    return row


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - an extra

    return pd.DataFrame(rows)
