"""Candles page by page, backwards from the newest one that the exchange has; the local clock is never asked.

What can go wrong on the way, and what is done:

* A page shorter than asked is no sign that history begins there: the next page says. History begins where an
  exchange, asked twice, has nothing older.
* A hole between a page and the one after it may be the exchange's own, or a page whose newer part got lost: the page
  is asked for again, and what both answers hold is taken together.
* Bars that come twice: the answer that came later wins.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from exchanges.bars import Bars, tidied
from runtime.errors import Transient
from schemas.market import TIMEFRAMES, candle_end


@dataclass(frozen=True, slots=True)
class Page:
    """A question to an exchange: the newest `count` bars that opened at `until` (ms) or before; None: of all.

    `since` is given when the same question is put in other words, for exchanges that know no end without a begin.
    """

    count: int
    until: int | None = None
    since: int | None = None


Fetch = Callable[[Page], Awaitable[Bars]]


async def newest(
    fetch: Fetch, timeframe: str, wanted: int, page_size: int, before: int | None = None
) -> Bars:
    """The newest `wanted` bars (of those that opened before `before` ms), tidied; fewer where there are no more.

    What is counted is bars as the exchange sends them, the unclosed one among them: 2,000 of them are two pages of
    1,000. Raises what `fetch` raises, and Transient for an exchange that keeps answering in crumbs.
    """
    bars = Bars.empty()
    until = None if before is None else before - 1
    count = min(page_size, wanted)
    for _ in range(4 + 4 * -(-wanted // page_size)):
        older = await _page(fetch, timeframe, Page(count, until), bars)
        if not len(older):
            return bars
        bars = tidied(Bars.joined((bars, older)))
        missing = wanted - len(bars)
        if missing <= 0:
            return bars[-wanted:]
        until = int(bars.time[0]) - 1
        # Once pages come short, smaller questions would only bring ever smaller answers.
        count = min(page_size, missing) if len(older) >= count else page_size
    raise Transient(f"the exchange sent {len(bars)} of {wanted} candles in too many pages")


async def _page(fetch: Fetch, timeframe: str, page: Page, known: Bars) -> Bars:
    """The bars that `page` asks for, older than `known`; asked for twice if the first answer leaves doubt."""
    answer = _up_to(await fetch(page), page.until)
    if len(answer) and not _hole(answer, known, timeframe):
        return answer
    again = _up_to(await fetch(_in_other_words(page, timeframe)), page.until)
    return tidied(Bars.joined((answer, again)))


def _up_to(answer: Bars, until: int | None) -> Bars:
    """Tidied, without bars that were not asked for: some exchanges know no `until` and send their newest again."""
    bars = tidied(answer)
    return bars if until is None else bars[bars.time <= until]


def _hole(answer: Bars, known: Bars, timeframe: str) -> bool:
    return bool(len(known)) and candle_end(int(answer.time[-1]), timeframe) < known.time[0]


def _in_other_words(page: Page, timeframe: str) -> Page:
    if page.until is None:
        return page
    return Page(page.count, page.until, max(0, page.until + 1 - page.count * TIMEFRAMES[timeframe]))
