"""analyze, as its callers see it."""

import pickle
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from levels import Analysis, Candles, InvalidCandles, Params, TooFewCandles, analyze
from levels.analysis import MAX_GROWN_WIDTH
from levels.evaluation.synthetic import make_random_walk
from tests.unit.levels.strategies import HOUR, candles


def assert_sound(answer: Analysis, params: Params) -> None:
    """What holds of every analysis."""
    assert answer.reason is not None or answer.levels
    assert answer.levels == answer.supports + answer.resistances
    assert max(len(answer.supports), len(answer.resistances)) <= params.per_side
    assert len({level.level_id for level in answer.levels}) == len(answer.levels)
    for side in (answer.supports, answer.resistances) if params.method == "score" else ():
        weighed = [level.score * (params.reach_floor + level.p_reach_100) for level in side]
        assert weighed == pytest.approx(sorted(weighed, reverse=True), abs=1e-8)
    for level in answer.levels:
        assert level.price != answer.last_price
        assert (level.side == "support") == (level.price < answer.last_price)
        assert level.low <= level.price <= level.high
        assert level.high / level.low >= (1 + params.tolerance) * (1 - 1e-9)
        assert level.high / level.low <= (1 + max(params.tolerance, MAX_GROWN_WIDTH)) * (1 + 1e-9)
        assert 0 <= level.p_reach_24 <= 1
        assert 0 <= level.p_reach_100 <= 1
        assert level.touches >= 1
        assert 0 <= level.touches - level.bounces - level.breaks <= 1
        assert level.first_touch_at <= level.last_touch_at <= level.confirmed_at <= answer.candle_at
        assert level.score == pytest.approx(sum(level.score_parts.values()), rel=1e-9)


@given(candles(), st.floats(0.5, 2.0))
@settings(max_examples=150)
def test_analyze_gives_consistent_levels_or_a_reason_for_any_candles(series: Candles, factor: float) -> None:
    assert_sound(analyze(series), Params())
    assert_sound(analyze(series, last_price=float(series.close[-1]) * factor), Params())


some_params = st.builds(
    Params,
    method=st.sampled_from(["score", "p_hold"]),
    windows=st.sets(st.integers(1, 40), min_size=1, max_size=5).map(lambda s: tuple(sorted(s))),
    plateaus=st.booleans(),
    tolerance=st.floats(1e-4, 0.2),
    separation_atr=st.floats(0, 5),
    minor_separation_atr=st.floats(0, 5),
    anchor_order=st.integers(1, 50),
    reach_floor=st.floats(0, 2),
    atr_window=st.integers(1, 50),
    leave_atr=st.floats(0, 5),
    volume_window=st.integers(1, 100),
    max_hole=st.integers(0, 200),
    max_ratio=st.floats(1.01, 100),
    min_held=st.floats(0, 1),
    per_side=st.integers(1, 5),
    break_cost=st.floats(0, 2),
)


@given(candles(least=81), some_params)
@settings(max_examples=150)
def test_analyze_gives_consistent_levels_or_a_reason_for_any_params(series: Candles, params: Params) -> None:
    assert_sound(analyze(series, params), params)
    assert Params.from_dict(asdict(params)) == params


def test_candles_and_analysis_can_be_pickled() -> None:
    series = make_random_walk(1, 300)
    answer = analyze(series)
    assert pickle.loads(pickle.dumps(answer)) == answer  # noqa: S301 - our own
    assert analyze(pickle.loads(pickle.dumps(series))) == answer  # noqa: S301


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_analyze_finds_levels_on_both_sides_of_a_random_walk(seed: int) -> None:
    series = make_random_walk(seed)
    answer = analyze(series)
    assert_sound(answer, Params())
    assert answer.supports
    assert answer.resistances
    assert answer.candle_at == series.time[-1]
    assert answer.input_limit == len(series)


def test_analyze_is_deterministic() -> None:
    assert analyze(make_random_walk(1)) == analyze(make_random_walk(1))


def test_last_price_changes_sides_and_hash_but_no_evidence() -> None:
    series = make_random_walk(2)
    below, above = (analyze(series, last_price=float(series.close[-1]) * f) for f in (0.97, 1.03))
    assert below.candles_hash != above.candles_hash
    facts = [{v.level_id: (v.price, v.touches, v.bounces) for v in a.levels} for a in (below, above)]
    shared = facts[0].keys() & facts[1].keys()
    assert shared
    assert all(facts[0][i] == facts[1][i] for i in shared)


def test_level_keeps_its_origin_side_when_price_crosses() -> None:
    everyone = [level for seed in range(6) for level in analyze(make_random_walk(seed)).levels]
    assert {level.side != level.origin_side for level in everyone} == {True, False}


def test_analyze_refuses_too_few_candles_with_the_minimum() -> None:
    with pytest.raises(TooFewCandles, match=r"10 candles; .* at least 11"):
        analyze(make_random_walk(1)[:10])


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_analyze_refuses_an_impossible_last_price(price: float) -> None:
    with pytest.raises(InvalidCandles, match="last_price"):
        analyze(make_random_walk(1), last_price=price)


def test_analyze_gives_the_reason_for_a_flat_series() -> None:
    flat = np.full(200, 5.0)
    answer = analyze(Candles(np.arange(200) * HOUR, flat, flat, flat, flat, np.zeros(200)))
    assert (answer.levels, answer.reason) == (
        (),
        "no candle's high or low stands out over 5 bars on both sides",
    )


def test_analyze_ignores_candles_before_a_long_hole() -> None:
    old, new = make_random_walk(3, 600, start=5000.0), make_random_walk(4, 600, start=2.0)
    time = np.concatenate((old.time, new.time + 1100 * HOUR))
    columns = [
        np.concatenate((getattr(old, c), getattr(new, c))) for c in ("open", "high", "low", "close", "volume")
    ]
    answer = analyze(Candles(time, *columns))
    assert answer.levels
    assert all(0.5 <= level.price / answer.last_price <= 2 for level in answer.levels)
    assert all(level.first_touch_at >= new.time[0] + 1100 * HOUR for level in answer.levels)


def test_analyze_gives_the_reason_for_too_few_candles_after_a_hole() -> None:
    series = make_random_walk(5, 300)
    time = series.time.copy()
    time[295:] += 1000 * HOUR
    answer = analyze(Candles(time, series.open, series.high, series.low, series.close, series.volume))
    hole = "a hole of more than 100 missing ones"
    assert answer.reason == f"only 5 candles since {hole}; 295 candles before {hole} were left out"
