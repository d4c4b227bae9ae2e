"""A few whole answers as golden files: a change of them must be deliberate.

`STRANDLINE_UPDATE_GOLDEN=1 pytest tests/unit/levels/test_golden.py` rewrites them.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from levels import Analysis, Candles, Params, analyze
from levels.evaluation.synthetic import make_planted_market, make_random_walk

FOLDER = Path(__file__).parents[2] / "data" / "levels"


def coarse() -> Candles:
    """A walk whose prices are whole percents of the first: full of equal highs."""
    series = make_random_walk(5)
    prices = ((x).round() for x in (series.open, series.high, series.low, series.close))
    return Candles(series.time, *prices, series.volume.round(3))


SERIES = {
    "planted": (make_planted_market(1).candles, Params()),
    "walk": (make_random_walk(2), Params()),
    "coarse": (coarse(), Params()),
    "wide": (make_random_walk(3), Params(tolerance_atr=2.0)),
    "p_hold": (make_planted_market(4).candles, Params(method="p_hold")),
}


def as_json(answer: Analysis) -> str:
    plain = {"levels": [asdict(level) for level in answer.levels], "reason": answer.reason}
    return (
        json.dumps(plain | {"last_price": answer.last_price, "algorithm": answer.algorithm}, indent=1) + "\n"
    )


@pytest.mark.parametrize("name", SERIES)
def test_analyze_equals_the_golden_files(name: str) -> None:
    candles, params = SERIES[name]
    file = FOLDER / f"{name}.json"
    found = as_json(analyze(candles, params))
    if os.environ.get("STRANDLINE_UPDATE_GOLDEN"):
        file.write_text(found)
    assert found == file.read_text()
