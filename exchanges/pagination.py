"""Fetches candles page by page, backwards from the newest one; the local clock is not used.

The rules:

* Exchanges differ in how they want an older page to be requested: with its end alone, with both ends, or with its start
  alone. The wording that returned candles is remembered (`PagingProfile`), and the others are tried where it fails.
* A page shorter than requested does not mean that history begins there: the next page decides. History begins where
  an exchange, asked twice, has nothing older, or refuses to go back further in every wording.
* A hole between two pages may be the exchange's own, or a page whose newer part is missing (an exchange that counts
  from the start and sends less than requested): the hole is requested, and what it returns is added.
* Of bars with the same time the later answer wins.
* When pages stay short the loop ends after a number of calls in proportion, with the bars it has.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np

from exchanges.bars import Bars, clean_bars
from runtime.errors import StrandlineError, Transient
from schemas.market import TIMEFRAMES, candle_end


@dataclass(frozen=True, slots=True)
class Page:
    """A request for the newest `count` bars that opened at `until` (ms) or before; None: of all.

    With `since` (ms) only bars that opened then or later; `since` alone asks for the first `count` of those.
    """

    count: int
    until: int | None = None
    since: int | None = None


class PageRefused(Exception):
    """The exchange refused the parameters of a page. `error` is what to raise where no other page works.

    kind   "start": it has nothing that old; "size": too many bars for one request; "other": it does not say
    """

    def __init__(self, error: StrandlineError, kind: Literal["start", "size", "other"]) -> None:
        super().__init__(str(error))
        self.error = error
        self.kind = kind


class Wording(Enum):
    """How the end of a page is expressed."""

    UNTIL = "until"
    BOTH = "both"
    SINCE = "since"


@dataclass(slots=True)
class PagingProfile:
    """What is known about the paging of one exchange and market type. Updated while paging.

    wording      the one that returned older candles; max_count: bars that one request really returns or allows
    """

    wording: Wording | None = None
    max_count: int | None = None

    def limit(self, count: int) -> int:
        """Return how many bars to request where `count` are wanted."""
        return count if self.max_count is None else min(count, self.max_count)


Fetch = Callable[[Page], Awaitable[Bars]]

_MIN_USEFUL_PAGE = 50
"""Bars. Shorter pages are paid for with a fixed number of calls, not in proportion."""

_MIN_PARTIAL = 100
"""Bars that are worth returning when pages stay too short."""

_SAFE_COUNT = 100
"""Bars that every exchange allows in one request."""

_MAX_EMPTY_WINDOWS = 3
"""Windows without any bar that are passed on exchanges that only answer for a window."""

_SMALL_HOLE = 20
"""Missing bars that are accepted between two pages of a market whose pages have such holes themselves."""

_MAX_FILLS = 60
"""Requests for one hole."""

_MIN_COUNT = 20
"""Bars that a page is at least asked for, however few an exchange sent."""


async def fetch_newest_bars(
    fetch: Fetch,
    timeframe: str,
    wanted: int,
    page_size: int,
    before: int | None = None,
    *,
    profile: PagingProfile | None = None,
    now: int | None = None,
    notes: list[str] | None = None,
) -> Bars:
    """Return the newest `wanted` bars (of those that opened before `before` ms), clean; fewer where there are no more.

    Bars are counted as the exchange sends them, the unclosed one included: 2,000 are two pages of 1,000. `now` (ms) is
    where to look for bars when the exchange has none without an end; `notes` receives why there are fewer than wanted
    where it is not their history. Raises what `fetch` raises, the error of a PageRefused where nothing was returned,
    and Transient for an exchange that keeps sending tiny pages.
    """
    pager = _Pager(fetch, timeframe, page_size, profile or PagingProfile(), [] if notes is None else notes)
    return await pager.collect(wanted, None if before is None else before - 1, now)


class _Pager:
    """The state of one fetch."""

    def __init__(
        self, fetch: Fetch, timeframe: str, page_size: int, profile: PagingProfile, notes: list[str]
    ) -> None:
        self._fetch = fetch
        self._timeframe = timeframe
        self._length = TIMEFRAMES[timeframe]
        self._page_size = page_size
        self._profile = profile
        self._notes = notes

    async def collect(self, wanted: int, until: int | None, now: int | None) -> Bars:
        bars, calls, count = Bars.empty(), 0, min(self._page_size, wanted)
        while calls < self._max_calls(wanted, len(bars), calls):
            calls += 1
            older = await (self._newest(count, now) if until is None else self._older(count, until, bars))
            if not len(older):
                return bars
            bars = clean_bars(Bars.concat((bars, older)))
            missing = wanted - len(bars)
            if missing <= 0:
                return bars[-wanted:]
            until = int(bars.time[0]) - 1
            # After a short page a smaller request would only return fewer bars.
            count = min(self._page_size, missing) if len(older) >= count else self._page_size
        short = f"the exchange sent {len(bars)} of {wanted} candles in too many pages ({calls})"
        if len(bars) < min(_MIN_PARTIAL, wanted):
            raise Transient(short)
        self._notes.append(short)
        return bars

    def _max_calls(self, wanted: int, bars: int, calls: int) -> int:
        """Return how many calls `wanted` bars may take, given how many `bars` the `calls` so far returned."""
        typical = max(min(_MIN_USEFUL_PAGE, self._page_size), bars // max(calls, 1))
        return 8 + 2 * -(-wanted // typical)

    async def _newest(self, count: int, now: int | None) -> Bars:
        """Return the newest page, requested twice where it is empty."""
        answer = Bars.empty()
        for _ in range(2):
            if len(answer := clean_bars(await self._fetch_any(count))):
                # An exchange that counts from a start may not have come as far as now.
                return answer if now is None else await self._fill_hole(answer, answer, now + 1, _SMALL_HOLE)
        return answer if now is None else await self._older(count, now, answer)

    async def _fetch_any(self, count: int) -> Bars:
        """Fetch the newest page; request fewer bars where the exchange refuses so many."""
        try:
            return await self._fetch_resized(Page, count, always=True)
        except PageRefused as refused:
            raise refused.error from refused

    async def _older(self, count: int, until: int, known: Bars) -> Bars:
        """Return bars that opened at `until` or before, adjacent to `known` where the exchange has them."""
        refusals: list[PageRefused] = []
        for wording in self._wordings():
            try:
                sent = await self._fetch_worded(wording, count, until)
            except PageRefused as refused:
                refusals.append(refused)
                continue
            if len(answer := _drop_newer(sent, until)):
                self._profile.wording = wording
                edge = int(known.time[0]) if len(known) else until + 1
                accepted = 0 if len(known) else _SMALL_HOLE if wording is Wording.UNTIL else 1
                return await self._fill_hole(answer, known, edge, accepted)
            if wording is not Wording.UNTIL:
                # A window that is empty: further wordings ask for the same one.
                ignored = bool((sent.time > until + self._length).any())
                return answer if ignored else await self._pass_empty_windows(count, until)
        return self._conclude(refusals, known)

    def _wordings(self) -> list[Wording]:
        """Return the wordings to try. UNTIL is not tried again where another one was needed before."""
        if self._profile.wording in {None, Wording.UNTIL}:
            return [Wording.UNTIL, Wording.BOTH, Wording.SINCE]
        other = Wording.SINCE if self._profile.wording is Wording.BOTH else Wording.BOTH
        return [self._profile.wording or Wording.BOTH, other, Wording.UNTIL]

    def _conclude(self, refusals: list[PageRefused], known: Bars) -> Bars:
        """Return no bars: history begins here. Raises where everything was refused, and not for its age."""
        if any(refused.kind == "start" for refused in refusals):
            return Bars.empty()
        if not len(known):
            raise refusals[0].error from refusals[0]
        self._notes.append(f"the exchange refuses older candles: {refusals[0]}")
        return Bars.empty()

    async def _fetch_worded(self, wording: Wording, count: int, until: int) -> Bars:
        return await self._fetch_resized(lambda size: self._page(wording, size, until), count)

    async def _fetch_resized(self, page: Callable[[int], Page], count: int, *, always: bool = False) -> Bars:
        """Fetch a page; request fewer bars where the exchange refuses so many (`always`: for whatever reason)."""
        count = self._profile.limit(count)
        try:
            return await self._fetch(page(count))
        except PageRefused as refused:
            if count == _SAFE_COUNT or not (always or refused.kind == "size"):
                raise
        # Fewer, or more where only certain numbers are allowed.
        answer = await self._fetch(page(_SAFE_COUNT))
        if count > _SAFE_COUNT:
            self._profile.max_count = _SAFE_COUNT
        return answer

    def _page(self, wording: Wording, count: int, until: int) -> Page:
        since = max(0, until + 1 - count * self._length)
        if wording is Wording.UNTIL:
            return Page(count, until)
        return Page(count, until if wording is Wording.BOTH else None, since)

    async def _pass_empty_windows(self, count: int, until: int) -> Bars:
        """Return the next bars behind a few windows without any, where the exchange may only answer for windows.

        A market may rest for longer than a page. An exchange that is known to honour the end alone has none behind.
        """
        if self._profile.wording is Wording.UNTIL:
            return Bars.empty()
        wording = Wording.SINCE if self._profile.wording is Wording.SINCE else Wording.BOTH
        for _ in range(_MAX_EMPTY_WINDOWS):
            until -= self._profile.limit(count) * self._length
            try:
                answer = _drop_newer(await self._fetch_worded(wording, count, until), until)
            except PageRefused:
                break
            if len(answer):
                return answer
        return Bars.empty()

    async def _fill_hole(self, answer: Bars, known: Bars, edge: int, accepted: int) -> Bars:
        """Return `answer` and the bars that the exchange has between it and `edge`, where the next bar opens.

        `accepted` missing bars are no hole; `known` shows what holes the market has.
        """
        for fill in range(_MAX_FILLS):
            begin = candle_end(int(answer.time[-1]), self._timeframe)
            hole = edge - begin
            if hole < accepted * self._length or not self._is_suspicious(answer, known, hole):
                break
            found = await self._fetch_between(begin, edge - 1)
            if not len(found):
                break
            if not fill and self._profile.wording is not Wording.UNTIL:
                # It counts from the start of the window, and sends this many.
                self._profile.max_count = max(len(answer), _MIN_COUNT)
            answer, accepted = clean_bars(Bars.concat((answer, found))), 1
        return answer

    async def _fetch_between(self, begin: int, end: int) -> Bars:
        """Return bars from `begin` to `end`, requested with both ends, then with the end alone."""
        count = min(-(-(end + 1 - begin) // self._length), self._profile.limit(self._page_size))
        pages = [Page(count, end, begin)]
        if self._profile.wording is not Wording.BOTH:
            pages.append(Page(self._profile.limit(self._page_size), end))
        for page in pages:
            try:
                found = _drop_newer(await self._fetch(page), end)
            except PageRefused:
                continue
            if len(found := found[found.time >= begin]):
                return found
            if page.since is not None and self._profile.wording is Wording.UNTIL:
                break
        return Bars.empty()

    def _is_suspicious(self, answer: Bars, known: Bars, hole: int) -> bool:
        """Return whether `hole` ms without bars are more than the market's own pages have between their bars."""
        own = max((int(np.diff(bars.time).max()) for bars in (answer, known) if len(bars) > 1), default=0)
        return hole > 0 and (hole > _SMALL_HOLE * self._length or hole + self._length > own)


def _drop_newer(answer: Bars, until: int) -> Bars:
    """Return clean bars without those newer than `until`: some exchanges ignore it and send their newest again."""
    bars = clean_bars(answer)
    return bars[bars.time <= until]
