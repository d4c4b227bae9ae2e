"""Fetches candles page by page, backwards from the newest one; the local clock is not used.

The rules:

* A page shorter than requested does not mean that history begins there: the next page decides. History begins where
  an exchange, asked twice, has nothing older.
* A hole between two pages may be the exchange's own, or a page whose newer part got lost: the page is requested
  again, and both answers are combined.
* Of bars with the same time the later answer wins.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from exchanges.bars import Bars, clean_bars
from runtime.errors import Transient
from schemas.market import TIMEFRAMES, candle_end


@dataclass(frozen=True, slots=True)
class Page:
    """A request for the newest `count` bars that opened at `until` (ms) or before; None: of all.

    `since` is set when the request is repeated with both ends, for exchanges that need a start.
    """

    count: int
    until: int | None = None
    since: int | None = None


Fetch = Callable[[Page], Awaitable[Bars]]


async def fetch_newest_bars(
    fetch: Fetch, timeframe: str, wanted: int, page_size: int, before: int | None = None
) -> Bars:
    """Return the newest `wanted` bars (of those that opened before `before` ms), clean; fewer where there are no more.

    Bars are counted as the exchange sends them, the unclosed one included: 2,000 are two pages of 1,000. Raises what
    `fetch` raises, and Transient for an exchange that keeps sending very short pages.
    """
    bars = Bars.empty()
    until = None if before is None else before - 1
    count = min(page_size, wanted)
    for _ in range(4 + 4 * -(-wanted // page_size)):
        older = await _fetch_page(fetch, timeframe, Page(count, until), bars)
        if not len(older):
            return bars
        bars = clean_bars(Bars.concat((bars, older)))
        missing = wanted - len(bars)
        if missing <= 0:
            return bars[-wanted:]
        until = int(bars.time[0]) - 1
        # After a short page a smaller request would only return fewer bars.
        count = min(page_size, missing) if len(older) >= count else page_size
    raise Transient(f"the exchange sent {len(bars)} of {wanted} candles in too many pages")


async def _fetch_page(fetch: Fetch, timeframe: str, page: Page, known: Bars) -> Bars:
    """Return the bars of `page`, older than `known`; requested again where the answer is empty or leaves a hole."""
    answer = _drop_newer(await fetch(page), page.until)
    if len(answer) and not _has_hole(answer, known, timeframe):
        return answer
    again = _drop_newer(await fetch(_add_start(page, timeframe)), page.until)
    return clean_bars(Bars.concat((answer, again)))


def _drop_newer(answer: Bars, until: int | None) -> Bars:
    """Return clean bars without those newer than `until`: some exchanges ignore it and send their newest again."""
    bars = clean_bars(answer)
    return bars if until is None else bars[bars.time <= until]


def _has_hole(answer: Bars, known: Bars, timeframe: str) -> bool:
    return bool(len(known)) and candle_end(int(answer.time[-1]), timeframe) < known.time[0]


def _add_start(page: Page, timeframe: str) -> Page:
    if page.until is None:
        return page
    return Page(page.count, page.until, max(0, page.until + 1 - page.count * TIMEFRAMES[timeframe]))
