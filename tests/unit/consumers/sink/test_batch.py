"""The guard: any order of arrival, in any batches, ends in the newest."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from consumers.sink.batch import Version, newest
from schemas.events import AnalysisCompleted
from tests.support.events import CANDLE, HOUR_MS, NOON, a_completed, a_market

MARKETS = [a_market(symbol, timeframe) for symbol in ("BTCUSDT", "ETHUSDT") for timeframe in ("1m", "1M")]
EARLY, LATE = NOON - timedelta(microseconds=1), NOON + timedelta(microseconds=1)

# Few candles and clocks, so that ties are common; `last_price` follows from both, so that a tie is a repetition.
versions = st.tuples(st.integers(0, 3), st.integers(0, 3))


def an_event(market: int, version: tuple[int, int]) -> AnalysisCompleted:
    candle, clock = version
    return a_completed(
        MARKETS[market],
        candle_at=CANDLE + candle * HOUR_MS,
        analyzed_at=NOON + timedelta(seconds=clock),
        last_price=1.0 + candle * 10 + clock,
    )


events = st.builds(an_event, st.integers(0, len(MARKETS) - 1), versions)


@pytest.mark.parametrize(
    ("old", "accepted"),
    [
        (Version(None, None), True),
        (Version(None, LATE), True),
        (Version(CANDLE - 1, LATE), True),
        (Version(CANDLE, None), True),
        (Version(CANDLE, EARLY), True),
        (Version(CANDLE, NOON), False),
        (Version(CANDLE, LATE), False),
        (Version(CANDLE + 1, None), False),
        (Version(CANDLE + 1, EARLY), False),
    ],
)
def test_the_guard_as_the_contract_has_it(old: Version, accepted: bool) -> None:
    assert Version(CANDLE, NOON).supersedes(old) is accepted


guards = st.builds(Version, st.none() | st.integers(0, 2), st.none() | st.sampled_from([EARLY, NOON, LATE]))


@given(guards, guards)
def test_two_versions_never_supersede_each_other(one: Version, other: Version) -> None:
    assert not (one.supersedes(other) and other.supersedes(one))


@given(guards, guards, guards)
def test_superseding_is_handed_on(a: Version, b: Version, c: Version) -> None:
    if a.supersedes(b) and b.supersedes(c):
        assert a.supersedes(c)


@given(st.lists(events))
def test_one_result_a_market_sorted_by_its_key(arrived: Sequence[AnalysisCompleted]) -> None:
    chosen = newest(arrived)
    keys = [(e.market.exchange, e.market.symbol, e.market.market_type, e.market.timeframe) for e in chosen]
    assert keys == sorted(keys)
    assert {e.market for e in chosen} == {e.market for e in arrived}
    assert len(chosen) == len({e.market for e in chosen})


class Arrivals(RuleBasedStateMachine):
    """A table of rows and whoever writes it. What arrived is remembered, and judged without the code under test."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, AnalysisCompleted] = {}
        self.arrived: list[AnalysisCompleted] = []

    @rule(batch=st.lists(events, max_size=6))
    def arrive(self, batch: list[AnalysisCompleted]) -> None:
        self.arrived += batch
        self._write(batch)

    @rule(data=st.data())
    def arrive_again(self, data: st.DataObject) -> None:
        if self.arrived:
            self._write(data.draw(st.lists(st.sampled_from(self.arrived), max_size=6)))

    def _write(self, batch: list[AnalysisCompleted]) -> None:
        for event in newest(batch):
            row = self.rows.get(event.market.key)
            if row is None or Version.of(event).supersedes(Version.of(row)):
                self.rows[event.market.key] = event

    @invariant()
    def every_row_is_the_newest(self) -> None:
        for market in {event.market for event in self.arrived}:
            best = max(
                (event.candle_at, event.analyzed_at) for event in self.arrived if event.market == market
            )
            row = self.rows[market.key]
            assert (row.candle_at, row.analyzed_at) == best


TestArrivals = Arrivals.TestCase
TestArrivals.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
