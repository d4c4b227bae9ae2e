"""Parsing of the JSON columns of results. Pure but for the log.

Other backends write these columns too, so parsing is lenient: numbers that are written as strings count, and what is
not a price or a level is left out.
"""

import json
import math

import structlog
from pydantic import TypeAdapter, ValidationError

from schemas.events import Level

_log = structlog.get_logger(__name__)
_LEVELS = TypeAdapter(list[Level])


def parse_prices(raw: object) -> list[float]:
    """Return the numbers of a JSON array in its order; `[]` for anything else."""
    items = _decode(raw)
    if not isinstance(items, list):
        return []
    return [price for item in items if (price := _parse_price(item)) is not None]


def parse_levels(raw: object, row: str) -> list[Level] | None:
    """Return the valid levels of a JSON array; None for anything else. `row` names the row in the log."""
    if isinstance(raw, str):
        try:
            return _LEVELS.validate_json(raw)
        except ValidationError:
            pass  # level by level below, to keep and to log
    items = _decode(raw)
    if not isinstance(items, list):
        return None
    levels = []
    for item in items:
        try:
            levels.append(Level.model_validate(item))
        except ValidationError as error:
            _log.warning("level.skipped", row=row, error=format_row_error(error))
    return levels


def format_row_error(error: ValidationError) -> str:
    """Return a validation error in one line, without values."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))


def _decode(raw: object) -> object:
    try:
        value: object = json.loads(raw) if isinstance(raw, str | bytes) else raw
        # Some backends encode twice: a JSON string that contains JSON.
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


def _parse_price(item: object) -> float | None:
    if isinstance(item, dict):
        item = item.get("price")
    if isinstance(item, bool) or not isinstance(item, int | float | str):
        return None
    try:
        price = float(item)
    except (ValueError, OverflowError):
        return None
    return price if math.isfinite(price) else None
