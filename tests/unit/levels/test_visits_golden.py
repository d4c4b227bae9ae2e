"""Visits as the core counts them, in a golden file for the chart, which finds them in its own candles.

`web/src/chart/visits.test.ts` reads the same file. `STRANDLINE_UPDATE_GOLDEN=1 pytest` rewrites it.
"""

import json
import os
from pathlib import Path

from levels import Candles, analyze, visits_by_level
from levels.evaluation.synthetic import make_planted_market

FILE = Path(__file__).parents[2] / "data" / "levels" / "visits.json"


def as_json(candles: Candles) -> str:
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    visits = visits_by_level(candles)
    levels = [
        {
            "level_id": level.level_id,
            "low": level.low,
            "high": level.high,
            "touches": level.touches,
            "visits": [[one.at, one.until, one.side, one.outcome] for one in visits[level.level_id]],
        }
        for level in analyze(candles).levels
    ]
    bars = [list(bar) for bar in zip(*(column.tolist() for column in columns), strict=True)]
    return json.dumps({"candles": bars, "levels": levels}, separators=(",", ":")) + "\n"


def test_visits_equal_the_golden_file() -> None:
    found = as_json(make_planted_market(7, 400).candles)
    if os.environ.get("STRANDLINE_UPDATE_GOLDEN"):
        FILE.write_text(found)
    assert found == FILE.read_text()
    assert all(len(level["visits"]) == level["touches"] for level in json.loads(found)["levels"])
