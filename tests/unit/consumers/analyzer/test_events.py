"""The events of an analysis are built without validation: here their models validate them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.analyzer.events import build_completed
from levels import Analysis, Candles, Params, analyze
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from schemas.events import AnalysisCompleted, Level
from schemas.market import Market
from tests.support.clock import START

MARKET = Market.of("binance", "BTCUSDT")


def validated(event: AnalysisCompleted) -> AnalysisCompleted:
    """Return the event as its model makes it of plain values."""
    return AnalysisCompleted.model_validate(event.model_dump())


def build(analysis: Analysis, at: datetime = START) -> AnalysisCompleted:
    (event,) = build_completed(analysis, MARKET, ["my-7"], at, ["a note"])
    return event


@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(1e-8, 1e8),
    volatility=st.floats(1e-3, 0.02),
    method=st.sampled_from(["score", "p_hold", "reference"]),
    last=st.floats(0.5, 2.0),
)
def test_event_of_any_walk_equals_the_validated_one(
    seed: int, scale: float, volatility: float, method: str, last: float
) -> None:
    walk = make_random_walk(seed, 300, volatility=volatility)
    prices = (column * scale for column in (walk.open, walk.high, walk.low, walk.close))
    candles = Candles(walk.time, *prices, walk.volume)
    event = build(analyze(candles, Params(method=method), last_price=float(candles.close[-1]) * last))
    assert event == validated(event)
    assert event.model_dump_json() == validated(event).model_dump_json()


@pytest.mark.parametrize("method", ["score", "p_hold", "reference"])
def test_event_has_every_field_of_its_models_in_their_order(method: str) -> None:
    event = build(analyze(make_planted_market(1).candles, Params(method=method)))
    assert list(event.__dict__) == list(AnalysisCompleted.model_fields)
    assert event.levels
    assert all(list(level.__dict__) == list(Level.model_fields) for level in event.levels)


def test_event_equals_one_that_was_read_from_its_record() -> None:
    event = build(analyze(make_planted_market(1).candles))
    assert AnalysisCompleted.model_validate_json(event.model_dump_json()) == event
