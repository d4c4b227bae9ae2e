"""Which column of a candle file holds what, by the names that programs and sites give them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from strandline.candle_files.table import InvalidCandleFile, Table

_TIMES = (
    *(
        "timestampms",
        "timestamp",
        "unix",
        "unixtimestamp",
        "unixtime",
        "opentime",
        "opentimems",
        "klineopentime",
    ),
    *(
        "datetime",
        "dateandtime",
        "datetimeutc",
        "timeperiodstart",
        "candlebegintime",
        "starttime",
        "starttimestamp",
    ),
    *(
        "startedat",
        "start",
        "begin",
        "periodstart",
        "bucket",
        "gmttime",
        "localtime",
        "utctime",
        "timeutc",
        "dateutc",
    ),
    *("opentimeutc", "time", "date", "ts", "t", "datum", "zeit", "day"),
)
_PRICES = {
    "open": ("open", "o", "openprice", "priceopen", "1open", "opening", "first", "eroffnung", "erffnung", "eroeffnung"),
    "high": ("high", "h", "highprice", "pricehigh", "2high", "max", "highest", "hoch", "hochst"),
    "low": ("low", "l", "lowprice", "pricelow", "3low", "min", "lowest", "tief", "tiefst"),
    "close": ("close", "c", "closeprice", "priceclose", "4close", "closelast", "last", "lastprice", "price", "schluss",
              "schlusskurs"),
}  # fmt: skip
_VOLUMES = ("volume", "vol", "v", "basevolume", "volumebase", "volumetraded", "5volume", "qty", "volumen", "amount",
            "tickvol", "tickvolume")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Indices into the cells of a row. `clock`: the column of the time of day, where date and time are two columns."""

    time: int
    clock: int | None
    open: int
    high: int
    low: int
    close: int
    volume: int | None
    time_name: str = ""

    def price(self, name: str) -> int:
        index: int = getattr(self, name)
        return index


def is_header(cells: Sequence[str]) -> bool:
    """Return whether a line names the prices of a candle."""
    names = [_simplify(cell) for cell in cells]
    return sum(any(name in aliases for name in names) for aliases in _PRICES.values()) >= 3


def find_columns(table: Table) -> Columns:
    """Return where the values are. Raises InvalidCandleFile that names the missing column and those there are."""
    if table.header is None:
        return _guess_columns(table.rows[0][1])
    names = [_simplify(name) for name in table.header]
    prices = {name: _find(names, aliases) for name, aliases in _PRICES.items()}
    time = _find(names, _TIMES)
    taken = {index for index in prices.values() if index is not None}
    if time is None and 0 not in taken:
        time = 0  # an index without a name, or with one of its own
    missing = [name for name, index in prices.items() if index is None] + (["time"] if time is None else [])
    if missing or time is None:
        found = ", ".join(name or "(no name)" for name in table.header)
        raise InvalidCandleFile(f"no column for {' and '.join(missing)}; the file has {found[:300]}")
    clock = _find_clock(names, time, table)
    time = _find(names, ("date", "datum", "day")) if clock is not None else time
    return Columns(
        time=0 if time is None else time,
        clock=clock,
        open=prices["open"] or 0,
        high=prices["high"] or 0,
        low=prices["low"] or 0,
        close=prices["close"] or 0,
        volume=_find_volume(names, table),
        time_name=names[0 if time is None else time],
    )


def _find(names: Sequence[str], aliases: Sequence[str]) -> int | None:
    return next((names.index(alias) for alias in aliases if alias in names), None)


def _find_clock(names: Sequence[str], time: int, table: Table) -> int | None:
    """Return the column of the time of day where the date has a column of its own, and no column holds both."""
    date, clock = _find(names, ("date", "datum", "day")), _find(names, ("time", "zeit"))
    if date is None or clock is None or names[time] not in {"date", "time", "datum", "zeit", "day"}:
        return None
    cells = table.rows[0][1]
    return (
        clock
        if max(date, clock) < len(cells) and len(cells[clock]) <= 12 and "-" not in cells[clock]
        else None
    )


def _find_volume(names: Sequence[str], table: Table) -> int | None:
    """Return the column of the volume: the first that is not all zero, as MetaTrader's is beside its ticks."""
    found = [names.index(alias) for alias in _VOLUMES if alias in names]
    found += [
        i for i, name in enumerate(names) if name.startswith("volume") and not name.startswith("volumema")
    ]
    used = (
        i for i in found if any(i < len(cells) and cells[i].strip("0., ") for _, cells in table.rows[:100])
    )
    return next(used, found[0] if found else None)


def _guess_columns(cells: Sequence[str]) -> Columns:
    """Return the columns of a file without names: time (or date and time), open, high, low, close, volume."""
    split = len(cells) >= 6 and re.fullmatch(r"\d{1,2}:\d{2}(?::\d{2})?", cells[1]) is not None
    first = 2 if split else 1
    if len(cells) < first + 4:
        raise InvalidCandleFile(
            f"{len(cells)} values a line and no names; time, open, high, low, close are needed"
        )
    volume = first + 4 if len(cells) > first + 4 else None
    return Columns(0, 1 if split else None, first, first + 1, first + 2, first + 3, volume)


def _simplify(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("ö", "o").replace("ä", "a"))
