"""Levels as pandas data frames; needs the extra `pandas`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from strandline_client.models import Level, Publication, Result

if TYPE_CHECKING:
    import pandas as pd


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


def _row(level: Level) -> dict[str, Any]:
    row = asdict(level)
    del row["raw"]
    return row


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - an extra

    return pd.DataFrame(rows)
