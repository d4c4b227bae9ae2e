import json
from datetime import UTC, datetime
from typing import Any

import pytest

from api.results import stored_json, views

TIME = datetime(2026, 11, 22, 12, 0, 4)  # noqa: DTZ001 - stored times are naive
LEVEL = {
    "level_id": "s-1",
    "side": "support",
    "origin_side": "support",
    "price": 64000.5,
    "low": 63900.0,
    "high": 64100.0,
    "score": 5.5,
    "score_parts": {"touches": 3.0, "volume": 1.0, "distance": 1.0, "direction": 0.5},
    "touches": 4,
    "bounces": 3,
    "breaks": 0,
    "first_touch_at": "2026-11-01T00:00:00Z",
    "last_touch_at": "2026-11-20T00:00:00Z",
    "confirmed_at": "2026-11-02T00:00:00Z",
    "windows": [5, 10],
    "distance_pct": 2.18791694,
}


def make_record(**columns: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "timeframe": "1h",
        "input_limit": 1999,
        "support_levels": "[64000.5, 63000]",
        "resistance_levels": "[]",
        "last_price": 65432.1,
        "created_at": TIME,
        "updated_at": TIME,
        "levels": None,
        "candle_at": None,
        "analyzed_at": None,
        "request_id": None,
        "algorithm": None,
    } | columns


@pytest.mark.parametrize(
    ("raw", "prices"),
    [
        ("[64000.5, 63000]", [64000.5, 63000.0]),
        ('["64000.5", " 63000 "]', [64000.5, 63000.0]),
        ('[{"price": 64000.5, "score": 3}, {"strength": 1}]', [64000.5]),
        ('"[1.5, 2]"', [1.5, 2.0]),
        ("[NaN, Infinity, 1e999, null, true, [], 3]", [3.0]),
        ("[" + "9" * 400 + "]", []),
        ("null", []),
        ("{}", []),
        ("7", []),
        ("not json", []),
        ('"not json either"', []),
        ("[" * 100_000, []),
        ("", []),
        (None, []),
        (7, []),
    ],
)
def test_prices_are_parsed_leniently(raw: object, prices: list[float]) -> None:
    assert stored_json.parse_prices(raw) == prices


def test_row_of_another_backend_has_no_values_of_ours() -> None:
    row = views.to_row(make_record())
    assert (row.support_levels, row.resistance_levels) == ([64000.5, 63000.0], [])
    assert row.updated_at == TIME.replace(tzinfo=UTC)
    assert row.model_dump(mode="json")["updated_at"] == "2026-11-22T12:00:04Z"
    assert (row.candle_at, row.analyzed_at, row.request_id, row.algorithm) == (None, None, None, None)


def test_row_shows_candle_and_analysis_times() -> None:
    row = views.to_row(make_record(candle_at=1_795_345_200_000, analyzed_at=TIME))
    assert row.candle_at == datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert row.analyzed_at == TIME.replace(tzinfo=UTC)


def test_row_omits_a_candle_time_out_of_range() -> None:
    assert views.to_row(make_record(candle_at=2**62)).candle_at is None


def test_detail_omits_invalid_levels() -> None:
    row = views.to_detail(make_record(levels=json.dumps([LEVEL, {"price": 1}, "odd", None])))
    assert [level.level_id for level in row.levels or []] == ["s-1"]


@pytest.mark.parametrize("raw", [None, "null", "{}", "odd"])
def test_detail_has_no_levels_where_the_column_is_not_a_list(raw: str | None) -> None:
    assert views.to_detail(make_record(levels=raw)).levels is None


def test_rows_omit_one_that_is_invalid() -> None:
    shown = views.to_rows(
        [make_record(id=1), make_record(id=2, updated_at="0000-00-00 00:00:00"), make_record(id=3)]
    )
    assert [row.id for row in shown] == [1, 3]
