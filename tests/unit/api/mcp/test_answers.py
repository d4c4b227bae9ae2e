"""Texts for models: short however large the answers of the API are, and complete in what they are worth."""

from collections.abc import Callable
from typing import Any

import pytest

from api.mcp import answers

Json = dict[str, Any]

SYMBOL = "币" * 64
EXCHANGE = "e" * 32
TIME = "2026-11-22T12:00:00.123456Z"
NUMBER = -123_456.789012
EVIDENCE = ("known_at", "p_reach_24", "p_reach_100", "p_hold", "placebo", "simulated: no")
LEVEL: Json = {
    "level_id": "S" * 64,
    "market": {"exchange": EXCHANGE, "market_type": "future", "symbol": SYMBOL, "timeframe": "1M"},
    "side": "resistance",
    "origin_side": "resistance",
    "is_live": False,
    "score_parts": dict.fromkeys(("touches", "volume", "distance", "direction"), NUMBER),
    "windows": list(range(10, 50)),
    **dict.fromkeys(("first_touch_at", "last_touch_at", "confirmed_at", "known_at"), TIME),
    **dict.fromkeys(("price", "low", "high", "last_price", "score", "distance_pct", "distance_atr"), NUMBER),
    **dict.fromkeys(("touches", "bounces", "breaks", "n"), 123_456_789),
    **dict.fromkeys(("p_reach_24", "p_reach_100", "p_hold", "placebo"), 0.123456789012),
}
ROW: Json = {
    **LEVEL["market"],
    "id": 2**63,
    "last_price": NUMBER,
    "updated_at": TIME,
    "candle_at": "2026-11-01T00:00:00Z",
    "support_levels": [NUMBER] * 500,
    "resistance_levels": [NUMBER] * 500,
    "levels": [LEVEL] * 100,
}
WATCH: Json = {
    **LEVEL["market"],
    "id": "w" * 64,
    "condition": "close_below",
    "target": NUMBER,
    "side": "short",
    "state": "expired",
    "fires": 2**31,
    "last_price": NUMBER,
    "level_id": "S" * 64,
}
EVENT: Json = {"at": TIME, "type": "approached", "stage": "within_atr", "last_price": NUMBER}
FIRE: Json = {"price": NUMBER, "at": TIME, "fire_id": "f" * 64}

TEXTS: dict[str, Callable[[], str]] = {
    "levels": lambda: answers.format_levels(ROW),
    "levels_near": lambda: answers.format_near([LEVEL] * 20, 10**9),
    "level_history": lambda: answers.format_events(ROW, LEVEL["level_id"], [EVENT] * 50),
    "evidence": lambda: answers.format_evidence(ROW, LEVEL),
    "create_watch": lambda: answers.format_watch(WATCH),
    "list_watches": lambda: answers.format_watches([WATCH] * 20, 10**9),
    "wait_for_fire": lambda: answers.format_fire(WATCH, [FIRE]),
    "prices of others": lambda: answers.format_levels(ROW | {"levels": None}),
    "error": lambda: answers.shorten(SYMBOL * 100),
}


@pytest.mark.parametrize("tool", TEXTS)
def test_text_of_the_largest_answer_is_short(tool: str) -> None:
    assert 100 < len(TEXTS[tool]().encode()) <= answers.MAX_BYTES


@pytest.mark.parametrize("tool", ["levels", "levels_near", "level_history", "evidence"])
def test_text_of_levels_has_what_they_are_worth_however_long_it_is(tool: str) -> None:
    assert [one for one in EVIDENCE if one not in TEXTS[tool]()] == []


def test_ten_levels_near_fit_whole() -> None:
    market = {"exchange": "binance", "market_type": "future", "symbol": "1000SHIBUSDT", "timeframe": "15m"}
    level = LEVEL | {
        "level_id": "R1744744000000",
        "market": market,
        "touches": 12,
        "known_at": TIME[:19] + "Z",
    }
    assert "left out" not in answers.format_near([level] * 10, 10)


def test_simulated_markets_are_named_where_others_stand_beside_them() -> None:
    simulated = LEVEL | {"market": LEVEL["market"] | {"exchange": "sim"}}
    assert "simulated: yes" in answers.format_near([simulated], 1)
    assert "simulated: those of sim" in answers.format_near([simulated, LEVEL], 2)


def test_prices_are_written_in_full() -> None:
    assert "price: 0.123456789012\n" in answers.format_evidence(ROW, LEVEL | {"price": 0.123456789012})
