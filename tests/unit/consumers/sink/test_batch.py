"""The guard: any order of arrival, in any batches, ends in the latest result."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from consumers.sink.batch import ResultVersion, latest_per_market
from schemas.events import AnalysisCompleted
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_market

MARKETS = [make_market(symbol, timeframe) for symbol in ("BTCUSDT", "ETHUSDT") for timeframe in ("1m", "1M")]
EARLY, LATE = NOON - timedelta(microseconds=1), NOON + timedelta(microseconds=1)

# Few candles and clocks, so that ties are common; `last_price` follows from both, so that a tie is a repetition.
versions = st.tuples(st.integers(0, 3), st.integers(0, 3))


def an_event(market: int, version: tuple[int, int]) -> AnalysisCompleted:
    candle, clock = version
    return make_completed(
        MARKETS[market],
        candle_at=CANDLE + candle * HOUR_MS,
        analyzed_at=NOON + timedelta(seconds=clock),
        last_price=1.0 + candle * 10 + clock,
    )


events = st.builds(an_event, st.integers(0, len(MARKETS) - 1), versions)


@pytest.mark.parametrize(
    ("old", "is_accepted"),
    [
        (ResultVersion(None, None), True),
        (ResultVersion(None, LATE), True),
        (ResultVersion(CANDLE - 1, LATE), True),
        (ResultVersion(CANDLE, None), True),
        (ResultVersion(CANDLE, EARLY), True),
        (ResultVersion(CANDLE, NOON), False),
        (ResultVersion(CANDLE, LATE), False),
        (ResultVersion(CANDLE + 1, None), False),
        (ResultVersion(CANDLE + 1, EARLY), False),
    ],
)
def test_result_version_supersedes_as_the_contract_requires(old: ResultVersion, is_accepted: bool) -> None:
    assert ResultVersion(CANDLE, NOON).supersedes(old) is is_accepted


guards = st.builds(
    ResultVersion, st.none() | st.integers(0, 2), st.none() | st.sampled_from([EARLY, NOON, LATE])
)


@given(guards, guards)
def test_result_version_order_is_antisymmetric(one: ResultVersion, other: ResultVersion) -> None:
    assert not (one.supersedes(other) and other.supersedes(one))


@given(guards, guards, guards)
def test_result_version_order_is_transitive(a: ResultVersion, b: ResultVersion, c: ResultVersion) -> None:
    if a.supersedes(b) and b.supersedes(c):
        assert a.supersedes(c)


@given(st.lists(events))
def test_latest_per_market_returns_one_result_a_market_sorted_by_key(
    arrived: Sequence[AnalysisCompleted],
) -> None:
    chosen = latest_per_market(arrived)
    keys = [(e.market.exchange, e.market.symbol, e.market.market_type, e.market.timeframe) for e in chosen]
    assert keys == sorted(keys)
    assert {e.market for e in chosen} == {e.market for e in arrived}
    assert len(chosen) == len({e.market for e in chosen})


class Arrivals(RuleBasedStateMachine):
    """A table of rows and its writer. What arrived is recorded and checked without the code under test."""

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
        for event in latest_per_market(batch):
            row = self.rows.get(event.market.key)
            if row is None or ResultVersion.of(event).supersedes(ResultVersion.of(row)):
                self.rows[event.market.key] = event

    @invariant()
    def every_row_is_the_latest(self) -> None:
        for market in {event.market for event in self.arrived}:
            best = max(
                (event.candle_at, event.analyzed_at) for event in self.arrived if event.market == market
            )
            row = self.rows[market.key]
            assert (row.candle_at, row.analyzed_at) == best


TestArrivals = Arrivals.TestCase
TestArrivals.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
