"""Stored rows as the API shows them.

Other backends write `analysis_results` too, so what they left in a row is read with patience: a number that is
written as a string counts, what is no price is left out, and a row that cannot be shown costs nobody the others.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

from api.results.nearest import nearest
from schemas.events import Level
from schemas.http.jobs import Job
from schemas.http.results import Publication, ResultDetail, ResultListItem, ResultRow
from schemas.market import InvalidMarket, Market
from schemas.values import from_ms, to_aware_utc

_log = structlog.get_logger(__name__)

_Shown = TypeVar("_Shown", bound=ResultRow)


def row(stored: Mapping[str, Any]) -> ResultRow:
    """Raises ValidationError where not even the plain columns make a row."""
    return ResultRow.model_validate(_plain(stored))


def row_with_levels(stored: Mapping[str, Any]) -> ResultDetail:
    """As `row`; levels that are not as we write them are left out, and logged."""
    return ResultDetail.model_validate(_plain(stored) | {"levels": _levels(stored)})


def listed_row(stored: Mapping[str, Any]) -> ResultListItem:
    """As `row`, with what the list says beside it."""
    plain = row(stored)
    near = nearest(plain.last_price, _levels(stored), plain.support_levels, plain.resistance_levels)
    return ResultListItem(**dict(plain), nearest=near)


def rows(stored: Iterable[Mapping[str, Any]]) -> list[ResultRow]:
    """Those that can be shown; the others are logged, each with its id."""
    return _shown(stored, row)


def listed_rows(stored: Iterable[Mapping[str, Any]]) -> list[ResultListItem]:
    """As `rows`."""
    return _shown(stored, listed_row)


def _shown(stored: Iterable[Mapping[str, Any]], show: Callable[[Mapping[str, Any]], _Shown]) -> list[_Shown]:
    shown = []
    for one in stored:
        try:
            shown.append(show(one))
        except ValidationError as error:
            _log.warning("row left out of the answer", row=one["id"], error=_told(error))
    return shown


def market_key(stored: Mapping[str, Any]) -> str | None:
    """The key of a row's market, however another backend wrote it; None where it names none of ours."""
    try:
        return Market.of(
            stored["exchange"], stored["symbol"], stored["market_type"].lower(), stored["timeframe"]
        ).key
    except (InvalidMarket, ValidationError):
        return None


def publication(stored: Mapping[str, Any]) -> Publication:
    return Publication.model_validate(_published(stored))


def row_as_published(stored: Mapping[str, Any], published: Mapping[str, Any]) -> ResultDetail:
    """The row as it stood once `published` was written down: its id and birth, and all else from then."""
    then = _published(published)
    updated_at = then["recorded_at"].replace(microsecond=0)
    return ResultDetail.model_validate(_plain(stored) | then | {"updated_at": updated_at})


def job(stored: Mapping[str, Any]) -> Job:
    return Job.model_validate(
        dict(stored) | {"queued_at": _utc(stored["queued_at"]), "ended_at": _utc(stored["ended_at"])}
    )


def prices(raw: object) -> list[float]:
    """The numbers in a JSON array, in its order; `[]` for anything else."""
    written = _decoded(raw)
    if not isinstance(written, list):
        return []
    return [price for item in written if (price := _price(item)) is not None]


def _plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    return dict(stored) | {
        "support_levels": prices(stored["support_levels"]),
        "resistance_levels": prices(stored["resistance_levels"]),
        "created_at": _utc(stored["created_at"]),
        "updated_at": _utc(stored["updated_at"]),
        "analyzed_at": _utc(stored["analyzed_at"]),
        "candle_at": _opened(stored["candle_at"]),
    }


def _published(stored: Mapping[str, Any]) -> dict[str, Any]:
    return dict(stored) | {
        "candle_at": _opened(stored["candle_at"]),
        "analyzed_at": _utc(stored["analyzed_at"]),
        "recorded_at": _utc(stored["recorded_at"]),
        "support_levels": prices(stored["support_levels"]),
        "resistance_levels": prices(stored["resistance_levels"]),
        "levels": _levels(stored),
    }


def _decoded(raw: object) -> object:
    try:
        value: object = json.loads(raw) if isinstance(raw, str | bytes) else raw
        # Some backends encode twice: a JSON string that holds JSON.
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


def _price(item: object) -> float | None:
    if isinstance(item, dict):
        item = item.get("price")
    if isinstance(item, bool) or not isinstance(item, int | float | str):
        return None
    try:
        price = float(item)
    except (ValueError, OverflowError):
        return None
    return price if math.isfinite(price) else None


def levels(written: object, row: str) -> list[Level] | None:
    """Those that are as we write them, of what a column of `row` holds; None where it holds no list."""
    written = _decoded(written)
    if not isinstance(written, list):
        return None
    found = []
    for item in written:
        try:
            found.append(Level.model_validate(item))
        except ValidationError as error:
            _log.warning("level left out of the answer", row=row, error=_told(error))
    return found


def _levels(stored: Mapping[str, Any]) -> list[Level] | None:
    return levels(stored["levels"], _named(stored))


def _named(stored: Mapping[str, Any]) -> str:
    return f"{stored['id']}" if "id" in stored else f"{stored['market']} of {stored['analyzed_at']}"


def _utc(time: datetime | None) -> object:
    # Times are stored naive, and mean UTC. What a driver could not read as a time is left to the view to refuse.
    return to_aware_utc(time) if isinstance(time, datetime) and time.tzinfo is None else time


def _opened(candle_at: int | None) -> datetime | None:
    try:
        return None if candle_at is None else from_ms(candle_at)
    except (ValueError, OverflowError, OSError):
        return None


def _told(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
