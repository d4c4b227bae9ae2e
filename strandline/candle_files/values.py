"""Reads the cells of a candle file: numbers and times, as programs and people write them. Pure."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from strandline.candle_files.table import InvalidCandleFile

_MISSING = {"", "null", "none", "nan", "n/a", "na", "-", "--", "#n/a", "inf", "-inf"}
_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}

_DAY_MS = 86_400_000


def parse_number(text: str, *, decimal_comma: bool = False) -> float:
    """Return a number; NaN where the cell is empty or names no value. Raises ValueError.

    Reads 43,210.5 and 43.210,5 (`decimal_comma`), $189.50, 1.2K and 3.4M.
    """
    bare = text.strip().strip("$€£").replace(" ", "").replace("\u00a0", "")
    if bare.lower() in _MISSING:
        return float("nan")
    bare = bare.replace(".", "").replace(",", ".") if decimal_comma else bare.replace(",", "")
    factor = _SUFFIXES.get(bare[-1].lower(), 1.0)
    return float(bare[:-1] if factor > 1 else bare) * factor


def parse_times(cells: Sequence[str], lines: Sequence[int], name: str) -> NDArray[np.int64]:
    """Return times in ms (UTC where no zone is written). Raises InvalidCandleFile that names the line.

    Numbers are unix times in s, ms, us or ns by their size (`name` may fix ms), YYYYMMDD, or Excel's days.
    """
    numbers = [_to_number(cell) for cell in cells]
    if all(number is not None for number in numbers):
        return _scale(np.array(numbers, dtype=np.float64), name)
    parse = _choose_format(cells)
    times = [_parse_time(parse, cell, line, name) for cell, line in zip(cells, lines, strict=True)]
    return np.array(times, dtype=np.int64)


def _scale(values: NDArray[np.float64], name: str) -> NDArray[np.int64]:
    typical = float(np.median(values))
    if name.endswith("ms"):
        return values.astype(np.int64)
    if 1.9e7 <= typical < 2.2e7:
        days = [datetime.strptime(f"{int(value)}", "%Y%m%d").replace(tzinfo=UTC) for value in values]
        return np.array([int(day.timestamp() * 1_000) for day in days], dtype=np.int64)
    if 20_000 <= typical < 100_000:
        return np.round((values - 25_569) * _DAY_MS).astype(np.int64)
    for limit, factor in ((1e11, 1e3), (1e14, 1.0), (1e17, 1e-3)):
        if typical < limit:
            return np.round(values * factor).astype(np.int64)
    return np.round(values * 1e-6).astype(np.int64)


def _to_number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _parse_time(parse: Callable[[str], datetime], cell: str, line: int, name: str) -> int:
    try:
        time = parse(cell)
    except ValueError:
        problem = f"line {line}: {name or 'the time'} is {cell!r}"
        raise InvalidCandleFile(f"{problem}, not a time like 2026-01-05 12:00 or 1767614400") from None
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1_000)


_CLOCKS = (
    "",
    " %H:%M:%S",
    " %H:%M",
    " %H:%M:%S.%f",
    " %I-%p",
    " %I:%M:%S %p",
    " %I:%M %p",
    " %H%M%S",
    ", %H:%M",
)
_DATES = ("%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y",
          "%d-%b-%Y", "%d %B %Y", "%a %b %d %Y")  # fmt: skip
_MONTH_FIRST, _DAY_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"), ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y")


def _choose_format(cells: Sequence[str]) -> Callable[[str], datetime]:
    """Return a parser that reads all cells. Slashed dates are month first unless only day first makes sense."""
    if _reads(datetime.fromisoformat, cells[:1]):
        return _parse_iso
    orders = (_MONTH_FIRST, _DAY_FIRST) if _is_month_first(cells) else (_DAY_FIRST, _MONTH_FIRST)
    for date in (*_DATES, *orders[0], *orders[1]):
        for clock in _CLOCKS:
            parse = _strptime(date + clock)
            if _reads(parse, cells[:1]) and _reads(parse, cells[-1:]):
                return parse
    return _parse_iso


def _parse_iso(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" UTC", "+00:00"))


def _strptime(pattern: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(" ".join(text.split()), pattern)  # noqa: DTZ007 - UTC is set by the caller


def _reads(parse: Callable[[str], datetime], cells: Sequence[str]) -> bool:
    try:
        for cell in cells:
            parse(cell)
    except ValueError:
        return False
    return True


def _is_month_first(cells: Sequence[str]) -> bool:
    pairs = [(int(m[1]), int(m[2])) for cell in cells if (m := re.match(r"(\d{1,2})[/-](\d{1,2})[/-]", cell))]
    if any(first > 12 for first, _ in pairs) or not pairs:
        return False
    if any(second > 12 for _, second in pairs):
        return True
    # Within a few days the part that changes is the day.
    return len({second for _, second in pairs}) >= len({first for first, _ in pairs})
