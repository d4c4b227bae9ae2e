"""Folding the events of levels gives the published levels at every candle of recorded series."""

import os
from pathlib import Path

import pytest

from consumers.tracker.closes import apply_result, to_tracked
from consumers.tracker.market_state import MarketState, read_state
from levels.lifecycle import TrackedLevel
from schemas.level_events import read_level_event
from tests.support.level_events import fold_events
from tests.support.recorded import publish_results

FOLDER = os.environ.get("STRANDLINE_TEST_DATA")
FILES = sorted(Path(FOLDER).glob("*.csv")) if FOLDER else []
CANDLES = int(os.environ.get("STRANDLINE_FOLD_CANDLES", "12"))
"""Of each series; `python -m benchmarks.level_events` takes 500."""


@pytest.mark.skipif(not FOLDER, reason="STRANDLINE_TEST_DATA names no folder of recorded candles")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_folded_events_are_the_published_levels_at_every_candle(file: Path) -> None:
    state: MarketState | None = None
    folded: dict[str, TrackedLevel] = {}
    for result in publish_results(file, CANDLES):
        close = apply_result(state, result)
        assert close is not None
        state = read_state(close.state.candle_at, close.state.to_json())
        sent = [event.model_dump_json().encode() for event in close.events]
        folded = fold_events(folded, map(read_level_event, sent))
        assert folded == {level.level_id: to_tracked(level) for level in result.levels}
