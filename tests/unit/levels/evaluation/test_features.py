"""Longer candles, and what is known of levels."""

import numpy as np

from levels import Params, analyze
from levels.evaluation.features import FEATURES, compute_features
from levels.evaluation.resampling import resample
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from levels.evidence import relative_atr


def test_resample_merges_four_candles_and_keeps_the_last_complete() -> None:
    series = make_random_walk(1, 11)
    longer = resample(series, 4)
    assert longer.time.tolist() == series.time[[3, 7]].tolist()
    assert longer.open.tolist() == series.open[[3, 7]].tolist()
    assert longer.close.tolist() == series.close[[6, 10]].tolist()
    assert longer.high.tolist() == [series.high[3:7].max(), series.high[7:].max()]
    assert longer.low.tolist() == [series.low[3:7].min(), series.low[7:].min()]
    assert np.allclose(longer.volume, [series.volume[3:7].sum(), series.volume[7:].sum()])


def test_resample_of_too_few_candles_is_empty() -> None:
    assert len(resample(make_random_walk(1, 3), 4)) == 0


def test_features_are_finite_and_count_agreeing_timeframes() -> None:
    series = make_planted_market(1).candles
    levels = analyze(series).levels
    found = compute_features(levels, series, relative_atr(series, 14), Params())
    assert found.shape == (len(levels), len(FEATURES))
    assert np.isfinite(found).all()
    assert found[:, FEATURES.index("timeframes")].max() >= 1
