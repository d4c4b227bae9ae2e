"""The pager against histories of every kind: whole, short, holed, truncated, overlapping."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.bars import Bars
from exchanges.pagination import Page, fetch_newest_bars
from runtime.errors import Transient
from tests.unit.exchanges.history import HOUR, START, History, hours, indices


def whole(n: int) -> Bars:
    return hours(*range(n))


async def newest(history: History, wanted: int, page_size: int, before: int | None = None) -> list[int]:
    return indices(await fetch_newest_bars(history.fetch, "1h", wanted, page_size, before))


async def test_pager_fetches_two_thousand_bars_in_two_pages() -> None:
    history = History(whole(5_000))
    assert await newest(history, 2_000, 1_000) == list(range(3_000, 5_000))
    assert history.pages == [Page(1_000), Page(1_000, START + 4_000 * HOUR - 1)]


async def test_pager_uses_more_pages_where_they_are_smaller() -> None:
    history = History(whole(5_000), most=300)
    assert await newest(history, 2_000, 300) == list(range(3_000, 5_000))
    assert [page.count for page in history.pages] == [300] * 6 + [200]


async def test_pager_fetches_bars_before_a_time() -> None:
    history = History(whole(100))
    assert await newest(history, 5, 1_000, START + 50 * HOUR) == [45, 46, 47, 48, 49]


async def test_pager_asks_twice_where_history_begins() -> None:
    history = History(whole(120))
    assert await newest(history, 2_000, 100) == list(range(120))
    assert len(history.pages) == 4
    assert history.pages[-1].since is not None


async def test_pager_returns_no_bars_of_an_empty_history() -> None:
    assert await newest(History(whole(0)), 2_000, 1_000) == []


@pytest.mark.parametrize("question", [0, 1, 2])
@pytest.mark.parametrize("lost", [slice(500, None), slice(990, None)], ids=["half", "nearly all"])
async def test_pager_recovers_the_older_part_of_a_page(question: int, lost: slice) -> None:
    history = History(whole(5_000))
    history.spoil[question] = lost
    assert await newest(history, 3_000, 1_000) == list(range(2_000, 5_000))


async def test_pager_repeats_a_page_that_lost_its_newer_part() -> None:
    history = History(whole(5_000))
    history.spoil[1] = slice(None, 400)
    assert await newest(history, 2_000, 1_000) == list(range(3_000, 5_000))


async def test_pager_repeats_an_empty_page() -> None:
    history = History(whole(5_000))
    history.spoil[1] = slice(0, 0)
    assert await newest(history, 2_000, 1_000) == list(range(3_000, 5_000))


async def test_pager_passes_a_hole_in_the_history() -> None:
    history = History(hours(*range(1_000), *range(2_000, 3_000)))
    assert await newest(history, 2_000, 500) == [*range(1_000), *range(2_000, 3_000)]


async def test_pager_ends_where_an_exchange_ignores_until() -> None:
    """As Kraken does, which keeps 720 candles and no more."""
    history = History(whole(5_000), most=720, knows_until=False)
    assert await newest(history, 2_000, 720) == list(range(4_280, 5_000))
    assert len(history.pages) == 3


async def test_pager_sends_a_start_where_one_is_needed() -> None:
    class NeedsSince(History):
        async def fetch(self, page: Page) -> Bars:
            if page.until is not None and page.since is None:
                self.pages.append(page)
                return Bars.empty()
            return await super().fetch(page)

    assert await newest(NeedsSince(whole(5_000)), 2_000, 500) == list(range(3_000, 5_000))


async def test_pager_prefers_the_later_answer() -> None:
    class Revising(History):
        """Its second answer overlaps the first, with other prices."""

        async def fetch(self, page: Page) -> Bars:
            answer = await super().fetch(page)
            return answer if page.until is None else hours(*indices(answer), 50, price=200.0)

    history = Revising(whole(100))
    bars = await fetch_newest_bars(history.fetch, "1h", 100, 50)
    # Bar 50 lies after `until` of the second page, so its answer does not change it.
    assert bars.close[50] < 101
    assert np.all(bars.close[:50] > 199)


async def test_pager_gives_up_on_tiny_pages() -> None:
    class Crumbs(History):
        async def fetch(self, page: Page) -> Bars:
            return (await super().fetch(page))[-1:]

    with pytest.raises(Transient, match="too many pages"):
        await newest(Crumbs(whole(5_000)), 2_000, 1_000)


@settings(max_examples=60)
@given(
    present=st.lists(st.integers(0, 60), unique=True, max_size=60).map(sorted),
    wanted=st.integers(1, 70),
    page_size=st.integers(1, 25),
)
def test_pager_returns_the_tail_of_the_history(present: list[int], wanted: int, page_size: int) -> None:
    history = History(hours(*present))
    assert asyncio.run(newest(history, wanted, page_size)) == present[-wanted:]


@settings(max_examples=60)
@given(
    wanted=st.integers(1, 70),
    page_size=st.integers(2, 25),
    lost=st.dictionaries(st.integers(0, 6), st.integers(1, 24), max_size=4),
)
def test_pager_loses_no_bars_to_short_pages(wanted: int, page_size: int, lost: dict[int, int]) -> None:
    """Each question in `lost` gets an answer without so many of its oldest bars, but with its newest."""

    class Losing(History):
        async def fetch(self, page: Page) -> Bars:
            question = len(self.pages)
            answer = await super().fetch(page)
            return answer[min(lost.get(question, 0), max(0, len(answer) - 1)) :]

    found = asyncio.run(newest(Losing(whole(60)), wanted, page_size))
    assert found == list(range(60))[-wanted:]
