"""Which calls a fault strikes, for how long, and what it does to candles."""

import numpy as np
import pytest

from exchanges.bars import clean_bars
from simulator.faults import match_faults, parse_fault, spoil_bars
from tests.unit.exchanges.history import hours, indices

KLINES = "/api/v3/klines"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (None, "kind"),
        ([], "kind"),
        ({}, "kind"),
        ({"kind": "fire"}, "kind"),
        ({"kind": "429", "count": 0}, "count"),
        ({"kind": "429", "count": "x"}, "count"),
        ({"kind": "429", "seconds": -1}, "seconds"),
        ({"kind": "429", "seconds": "x"}, "seconds"),
    ],
)
def test_parse_fault_refuses_invalid_bodies(body: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_fault(body, 0.0)


def test_parse_fault_accepts_a_numeric_status() -> None:
    assert parse_fault({"kind": 429}, 0.0).kind == "429"


def test_match_faults_selects_by_path_and_symbol() -> None:
    fault = parse_fault({"kind": "5xx", "path": "klines", "symbol": "btc/usdt"}, 0.0)
    assert match_faults([fault], KLINES, ["BTCUSDT"], 0.0) == [fault]
    assert match_faults([fault], KLINES, ["ETHUSDT"], 0.0) == []
    assert match_faults([fault], "/api/v3/time", [], 0.0) == []


def test_match_faults_decrements_the_count() -> None:
    faults = [parse_fault({"kind": "5xx", "count": 2}, 0.0)]
    assert [len(match_faults(faults, KLINES, [], 0.0)) for _ in range(4)] == [1, 1, 0, 0]


def test_fault_lasts_for_its_seconds() -> None:
    fault = parse_fault({"kind": "429", "seconds": 10}, 100.0)
    assert fault.retry_after(100.0) == 10
    assert fault.retry_after(107.5) == 3
    assert fault.strikes(KLINES, [], 109.9)
    assert not fault.strikes(KLINES, [], 110.0)


def test_fault_delays_answers_for_its_seconds() -> None:
    fault = parse_fault({"kind": "delay", "seconds": 10}, 100.0)
    assert fault.holds == 10
    assert fault.strikes(KLINES, [], 1_000.0)
    assert parse_fault({"kind": "timeout"}, 0.0).holds > 30
    assert parse_fault({"kind": "gap", "seconds": 10}, 0.0).holds == 0


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 10, 1_000])
def test_spoil_bars_changes_candles_by_kind(n: int) -> None:
    whole = hours(*range(n))
    half = indices(spoil_bars(whole, "truncated"))
    assert half == list(range(n))[-max(1, n // 2) :]
    twice = spoil_bars(whole, "duplicate")
    assert len(twice) > n or n == 0
    assert indices(clean_bars(twice)) == list(range(n))
    gap = spoil_bars(whole, "gap")
    steps = np.diff(indices(gap))
    assert sum(steps > 1) == (1 if n > 3 else 0)
    assert indices(spoil_bars(whole, "delay")) == list(range(n))
