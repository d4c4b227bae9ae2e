"""Response bodies built from stored results. Rows that cannot be shown are left out of lists, and logged."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar, cast

import structlog
from pydantic import ValidationError

from api.results.evidence import is_of_row
from api.results.nearest_levels import find_nearest
from api.results.stored_json import format_row_error, parse_levels, parse_prices
from schemas.events import Level
from schemas.http.results import Publication, ResultDetail, ResultListItem, ResultRow
from schemas.market import Market, MarketType
from schemas.records import MarketColumns, PublicationRecord, ResultRecord
from schemas.symbols import InvalidMarket
from schemas.values import from_ms, to_aware_utc

_log = structlog.get_logger(__name__)

_NO_EVIDENCE: dict[str, None] = dict.fromkeys(
    ("levels", "candle_at", "analyzed_at", "request_id", "algorithm")
)

_Row = TypeVar("_Row", bound=ResultRow)


def to_detail(record: ResultRecord) -> ResultDetail:
    """Return the row with its valid levels; the others are logged.

    A row that another backend has renewed is shown as it wrote it, without what we knew of its former numbers. Raises
    ValidationError where the columns of the contract are not valid.
    """
    fields, levels = _row_fields(record), _parse_row_levels(record)
    row = ResultDetail.model_validate(fields | {"levels": levels})
    if levels is None or is_of_row(levels, row.last_price, row.support_levels, row.resistance_levels):
        return row
    return row.model_copy(update=_NO_EVIDENCE)


def to_row(record: ResultRecord) -> ResultRow:
    """As `to_detail`, without the levels."""
    return ResultRow.model_validate(to_detail(record))


def to_list_item(record: ResultRecord) -> ResultListItem:
    """As `to_row`, with the nearest levels."""
    return to_full_item(record).model_copy(update={"levels": None})


def to_full_item(record: ResultRecord) -> ResultListItem:
    """As `to_detail`, with the nearest levels."""
    row = to_detail(record)
    nearest = find_nearest(row.last_price, row.levels, row.support_levels, row.resistance_levels)
    return ResultListItem(**dict(row), nearest=nearest)


def to_rows(records: Iterable[ResultRecord]) -> list[ResultRow]:
    """Convert the records that can be shown; the others are logged with their ids."""
    return _convert(records, to_row)


def to_list_items(records: Iterable[ResultRecord], *, with_levels: bool = False) -> list[ResultListItem]:
    """As `to_rows`."""
    return _convert(records, to_full_item if with_levels else to_list_item)


def market_key(record: MarketColumns) -> str | None:
    """Return the key of a row's market in our spelling; None where it is not one of our markets."""
    try:
        market_type = cast(MarketType, record["market_type"].lower())  # Market validates it
        return Market.of(record["exchange"], record["symbol"], market_type, record["timeframe"]).key
    except (InvalidMarket, ValidationError):
        return None


def to_publication(record: PublicationRecord) -> Publication:
    """Convert a row of the history."""
    return Publication.model_validate(_publication_fields(record))


def to_past_detail(record: ResultRecord, publication: PublicationRecord) -> ResultDetail:
    """Return the row as it was once `publication` was written: its id and creation time, and the rest from then."""
    fields = _publication_fields(publication)
    updated_at = publication["recorded_at"].replace(microsecond=0)
    return ResultDetail.model_validate(
        _row_fields(record) | fields | {"updated_at": to_aware_utc(updated_at)}
    )


def to_utc(time: datetime | None) -> datetime | None:
    """Attach UTC to a stored time. A value that the driver did not read as a time is left for the model to reject."""
    return to_aware_utc(time) if isinstance(time, datetime) and time.tzinfo is None else time


def _convert(records: Iterable[ResultRecord], convert: Callable[[ResultRecord], _Row]) -> list[_Row]:
    rows = []
    for record in records:
        try:
            rows.append(convert(record))
        except ValidationError as error:
            _log.warning("row.skipped", row=record["id"], error=format_row_error(error))
    return rows


def _row_fields(record: ResultRecord) -> dict[str, Any]:
    return dict(record) | {
        "support_levels": parse_prices(record["support_levels"]),
        "resistance_levels": parse_prices(record["resistance_levels"]),
        "created_at": to_utc(record["created_at"]),
        "updated_at": to_utc(record["updated_at"]),
        "analyzed_at": to_utc(record["analyzed_at"]),
        "candle_at": _to_open_time(record["candle_at"]),
    }


def _publication_fields(record: PublicationRecord) -> dict[str, Any]:
    return dict(record) | {
        "candle_at": _to_open_time(record["candle_at"]),
        "analyzed_at": to_utc(record["analyzed_at"]),
        "recorded_at": to_utc(record["recorded_at"]),
        "support_levels": parse_prices(record["support_levels"]),
        "resistance_levels": parse_prices(record["resistance_levels"]),
        "levels": parse_levels(record["levels"], f"{record['market']} of {record['analyzed_at']}"),
    }


def _parse_row_levels(record: ResultRecord) -> list[Level] | None:
    return parse_levels(record["levels"], str(record["id"]))


def _to_open_time(candle_at: int | None) -> datetime | None:
    try:
        return None if candle_at is None else from_ms(candle_at)
    except (ValueError, OverflowError, OSError):
        return None
