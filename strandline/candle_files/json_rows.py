"""Candles in JSON: rows as lists or objects, at any depth, or one list for each column. Pure."""

import json
from collections.abc import Mapping, Sequence

from strandline.candle_files.columns import is_header
from strandline.candle_files.table import InvalidCandleFile, Table


def read_json(text: str) -> Table:
    """Return the table in a JSON document, or in one JSON object a line. Raises InvalidCandleFile."""
    table = _find_rows(_load(text))
    if table is None:
        raise InvalidCandleFile(
            "no list of candles in this JSON; [[time, open, high, low, close, volume], ...] is one"
        )
    return table


def _load(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        first = str(error)
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise InvalidCandleFile(f"not valid JSON: {first}") from None


def _find_rows(value: object) -> Table | None:
    if isinstance(value, list) and value and isinstance(value[0], list) and len(value[0]) >= 5:
        header = value[0] if is_header([str(name) for name in value[0]]) else None
        rows = value[1:] if header else value
        return Table(header and [str(name) for name in header], _number(rows))
    if isinstance(value, list) and value and isinstance(value[0], Mapping) and is_header(list(value[0])):
        names = list(value[0])
        return Table(names, _number([[row.get(name) for name in names] for row in value]))
    if isinstance(value, Mapping) and is_header(list(value)):
        names = [name for name, column in value.items() if isinstance(column, list)]
        return Table(names, _number(list(zip(*(value[name] for name in names), strict=False))))
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((table for item in inner if (table := _find_rows(item))), None)


def _number(rows: Sequence[Sequence[object]]) -> list[tuple[int, list[str]]]:
    cells = (["" if cell is None else str(cell) for cell in row] for row in rows)
    return list(enumerate(cells, start=1))
