"""What the Python client keeps of the topics: the newest results, the open levels, the revisions of candles."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas.candles.levels_hash import hash_levels as hash_of_the_analyzer
from schemas.contracts.level_examples import build_level_examples
from schemas.values import to_ms
from strandline_client.kafka import LatestCandles, LatestResults, OpenLevels, read_event
from strandline_client.state import hash_levels
from tests.support.events import CANDLE, HOUR_MS, make_completed, make_level, make_market, make_unchanged

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "binance:spot:BTCUSDT:1h"
RESULT = "strandline.AnalysisCompleted.v1"


def to_json(event: BaseModel) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(event.model_dump_json())
    return decoded


@given(order=st.permutations([(hour, minute) for hour in range(3) for minute in range(3)]))
def test_latest_results_keep_the_newest_in_any_order(order: list[tuple[int, int]]) -> None:
    latest = LatestResults()
    for hour, minute in order:
        at = to_ms(START + hour * HOUR)
        latest.apply(to_json(make_completed(candle_at=at, analyzed_at=START + timedelta(minutes=minute))))
    kept = latest.get(KEY)
    assert kept is not None
    assert (kept["candle_at"], kept["analyzed_at"]) == ("2026-01-01T02:00:00Z", "2026-01-01T00:02:00Z")
    assert len(latest) == 1


def test_latest_results_refuse_an_equal_result() -> None:
    event = to_json(make_completed())
    latest = LatestResults()
    assert [latest.apply(event), latest.apply(event)] == [True, False]
    assert latest.get(make_market("ETHUSDT").key) is None


@given(order=st.permutations(["result", "first", "second", "other levels"]), repeated=st.integers(0, 3))
def test_result_moves_on_with_closes_of_its_levels_in_any_order(order: list[str], repeated: int) -> None:
    completed = make_completed()
    closes = {
        "first": make_unchanged(completed, analyzed_at=START + HOUR),
        "second": make_unchanged(completed, CANDLE + 2 * HOUR_MS, analyzed_at=START + 2 * HOUR),
        "other levels": make_unchanged(
            completed, CANDLE + HOUR_MS, analyzed_at=START + HOUR, levels_hash="0" * 16
        ),
    }
    latest = LatestResults()
    for name in [*order, order[repeated]]:
        if name == "result":
            latest.apply(to_json(completed))
        else:
            latest.move_on(to_json(closes[name]))
    kept, published = latest.get(KEY), to_json(completed)
    assert kept is not None
    assert datetime.fromisoformat(kept["candle_at"]) == closes["second"].candle_at
    assert (kept["input_limit"], kept["last_price"]) == (2_000, published["last_price"])
    assert kept["levels"] == published["levels"]


def test_close_of_other_levels_does_not_move_a_result() -> None:
    completed, latest = make_completed(), LatestResults()
    latest.apply(to_json(completed))
    assert not latest.move_on(to_json(make_unchanged(completed, levels_hash="0" * 16)))
    assert not latest.move_on(to_json(make_unchanged(completed, CANDLE)))
    assert latest.get(KEY) == to_json(completed)


prices = st.floats(1e-9, 1e9, allow_subnormal=False)


@given(given=st.lists(prices, max_size=4))
def test_hash_of_levels_is_that_of_the_analyzer(given: list[float]) -> None:
    levels = [
        make_level(price, level_id=f"S{number}", low=price * 0.9, high=price * 1.1, touches=number)
        for number, price in enumerate(given)
    ]
    assert hash_levels(map(to_json, reversed(levels))) == hash_of_the_analyzer(levels)


EXAMPLES = [json.loads(encoded.value) for encoded in build_level_examples().values()]


def level_event(kind: str, event_id: str, level_id: str = "S1", **fields: Any) -> dict[str, Any]:
    example: dict[str, Any] = next(one for one in EXAMPLES if one["type"] == kind)
    market = to_json(make_market())
    return example | {"market": market, "event_id": event_id, "level_id": level_id} | fields


def test_open_levels_are_folded_from_confirmed_events() -> None:
    levels = OpenLevels()
    applied = [
        levels.apply(event)
        for event in (
            level_event("touched", "a", "S9"),
            level_event("appeared", "b", price=100.0),
            level_event("appeared", "c", "S2", price=90.0, touches=2),
            level_event("touched", "d", "S2", stage="live", touches=3),
            level_event("touched", "e", "S2", stage="confirmed", price=90.0, touches=3),
            level_event("retired", "f"),
            level_event("appeared", "b", price=100.0),
        )
    ]
    assert applied == [False, True, True, False, True, True, False]
    (kept,) = levels.get(KEY)
    assert (kept["level_id"], kept["price"], kept["touches"]) == ("S2", 90.0, 3)
    assert levels.get(make_market("ETHUSDT").key) == []


def test_open_levels_start_from_a_result() -> None:
    completed, levels = make_completed(levels=(make_level(64_000.5, level_id="S1"),)), OpenLevels()
    levels.start(to_json(completed))
    before = to_json(completed)["candle_at"]
    assert not levels.apply(level_event("retired", "a", candle_at=before))
    assert [level["price"] for level in levels.get(KEY)] == [64_000.5]
    after = to_json(make_unchanged(completed))["candle_at"]
    assert levels.apply(level_event("retired", "b", candle_at=after))
    assert levels.get(KEY) == []


def candle(revision: int, open_at: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    market = {"exchange": "binance", "market_type": "spot", "symbol": "BTCUSDT", "timeframe": "1h"}
    return market | {"open_at": open_at, "revision": revision}


def test_latest_candles_keep_the_highest_revision() -> None:
    latest = LatestCandles()
    applied = [latest.apply(one) for one in (candle(0), candle(0), candle(2), candle(1))]
    assert applied == [True, False, True, False]
    assert latest.apply(candle(0, "2026-01-01T01:00:00Z"))


@pytest.mark.parametrize(
    ("value", "headers", "kind"),
    [
        (b"{}", None, RESULT),
        (b"{}", [("ce_type", RESULT.encode())], RESULT),
        (b"{}", [("ce_type", b"strandline.AnalysisUnchanged.v1")], "strandline.AnalysisUnchanged.v1"),
        (b"\x00", [("ce_type", b"strandline.AnalysisCompleted.v2")], None),
        (b"\x00", [("ce_type", b"\xff")], None),
        (b"{}", [("ce_type", None)], RESULT),
        (b"{", [("ce_type", RESULT.encode())], None),
        (b"\xff", None, None),
        (b"[]", None, None),
        (None, [], None),
    ],
)
def test_records_that_cannot_be_read_are_skipped(value: bytes | None, headers: Any, kind: str | None) -> None:
    read = read_event(value, headers, (RESULT, "strandline.AnalysisUnchanged.v1"))
    assert (read and read[0]) == kind
