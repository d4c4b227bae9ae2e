"""Longer candles, and what is known of levels."""

import numpy as np

from levels import Params, analyze
from levels.evaluation.features import FEATURES, describe
from levels.evaluation.resampling import coarser
from levels.evaluation.synthetic import planted, walk
from levels.evidence import relative_atr


def test_four_candles_are_one_and_the_last_is_whole() -> None:
    series = walk(1, 11)
    longer = coarser(series, 4)
    assert longer.time.tolist() == series.time[[3, 7]].tolist()
    assert longer.open.tolist() == series.open[[3, 7]].tolist()
    assert longer.close.tolist() == series.close[[6, 10]].tolist()
    assert longer.high.tolist() == [series.high[3:7].max(), series.high[7:].max()]
    assert longer.low.tolist() == [series.low[3:7].min(), series.low[7:].min()]
    assert np.allclose(longer.volume, [series.volume[3:7].sum(), series.volume[7:].sum()])


def test_too_few_candles_make_no_longer_one() -> None:
    assert len(coarser(walk(1, 3), 4)) == 0


def test_every_level_has_every_feature_and_longer_timeframes_see_what_is_planted() -> None:
    series = planted(1).candles
    levels = analyze(series).levels
    found = describe(levels, series, relative_atr(series, 14), Params())
    assert found.shape == (len(levels), len(FEATURES))
    assert np.isfinite(found).all()
    assert found[:, FEATURES.index("timeframes")].max() == 2
