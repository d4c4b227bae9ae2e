"""An exchange's history in memory, and the ways exchanges hand it out."""

import numpy as np

from exchanges.bars import Bars
from exchanges.pagination import Page

HOUR = 3_600_000
START = 1_700_000_000_000 - 1_700_000_000_000 % HOUR


def hours(*indices: int, price: float = 100.0) -> Bars:
    """Hourly bars at START + index hours; the close encodes the index."""
    index = np.array(indices, dtype=np.int64)
    close = price + index / 1e6
    return Bars(START + index * HOUR, close, close, close, close, np.ones(len(index)))


def indices(bars: Bars) -> list[int]:
    found: list[int] = ((bars.time - START) // HOUR).tolist()
    return found


class History:
    """Answers pages as Binance does. `spoil` maps the number of a question (from 0) to what becomes of its answer."""

    def __init__(self, bars: Bars, *, most: int = 1_000, knows_until: bool = True) -> None:
        self.bars = bars
        self.most = most
        self.knows_until = knows_until
        self.pages: list[Page] = []
        self.spoil: dict[int, slice] = {}

    async def fetch(self, page: Page) -> Bars:
        self.pages.append(page)
        found = self.bars
        if page.until is not None and self.knows_until:
            found = found[found.time <= page.until]
        if page.since is not None:
            found = found[found.time >= page.since]
        answer = found[-min(page.count, self.most) :]
        return answer[self.spoil.get(len(self.pages) - 1, slice(None))]
