"""The symbols of a table in memory, searched by a part. Pure.

The database compares by its collation and decides what matches; this leaves out what cannot.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from runtime.lru import LruDict

_MAX_CANDIDATES = 500
"""More of them cost a statement as much as a scan."""

_MAX_REMEMBERED = 200
"""Searches whose candidates are kept: pages repeat theirs after each result."""

_WITHOUT_SEPARATORS = str.maketrans("", "", "/-_")


class Candidates(NamedTuple):
    """The rows that a search need look at: these `ids`, and all beyond `last_id`, which the index does not have."""

    ids: list[int]
    last_id: int


class SymbolIndex:
    """The symbols of all rows up to `last_id`."""

    def __init__(self, last_id: int, rows: Iterable[tuple[int, str | None]]) -> None:
        self._last_id = last_id
        self._ids, self._starts, self._unusual = array("q"), array("q", [0]), list[int]()
        symbols = []
        for row_id, symbol in rows:
            if row_id > last_id:
                continue
            # A collation may find an E in an accented one, and skip what is not printable.
            if symbol is None or not (symbol.isascii() and symbol.isprintable()):
                self._unusual.append(row_id)
                continue
            symbols.append(symbol.translate(_WITHOUT_SEPARATORS).upper() + "\n")
            self._ids.append(row_id)
            self._starts.append(self._starts[-1] + len(symbols[-1]))
        self._text = "".join(symbols)
        self._found: LruDict[str, Candidates | None] = LruDict(_MAX_REMEMBERED)

    def find(self, part: str) -> Candidates | None:
        """Return the rows whose symbol may contain `part` (normalized); None where the table has to be scanned."""
        if part not in self._found:
            self._found.put(part, self._look_for(part))
        return self._found.get(part)

    def _look_for(self, part: str) -> Candidates | None:
        if not part.isascii():
            return None
        ids = list(self._unusual)
        found = self._text.find(part)
        while found >= 0 and len(ids) <= _MAX_CANDIDATES:
            row = bisect_right(self._starts, found) - 1
            ids.append(self._ids[row])
            found = self._text.find(part, self._starts[row + 1])
        return None if len(ids) > _MAX_CANDIDATES else Candidates(ids, self._last_id)
