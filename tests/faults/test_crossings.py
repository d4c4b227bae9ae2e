"""The judge of crossings finds each planted violation, and none where there is none."""

from collections.abc import Mapping, Sequence

import pytest

from exchanges.ports import Candle
from schemas.watches import Condition
from tests.support.faults.crossings import (
    MINUTE_MS,
    BlindTime,
    CrossingLedger,
    JudgedWatch,
    RecordedFire,
    judge_crossings,
)

DOWN_AND_UP = [(90, 91, 89, 90), (90, 95, 90, 95), (95, 105, 94, 96), (96, 97, 90, 91), (91, 104, 90, 103)]


def to_candles(rows: Sequence[tuple[float, float, float, float]]) -> list[Candle]:
    return [Candle(number * MINUTE_MS, *row, 1.0) for number, row in enumerate(rows)]


def judge(
    fires: Sequence[int],
    *,
    condition: Condition = "touch",
    once: bool = True,
    delivered: Mapping[str, int] | None = None,
    rows: Sequence[tuple[float, float, float, float]] = DOWN_AND_UP,
    since: int = 30_000,
    until: int = 10**15,
    blindness: Sequence[BlindTime] = (),
    away_share: float = 0.0,
) -> CrossingLedger:
    watch = JudgedWatch("w", "S", condition, 100.0, once, since, until)
    recorded = [RecordedFire(f"f{number}", "w", at) for number, at in enumerate(fires)]
    delivered = {fire.fire_id: 1 for fire in recorded} if delivered is None else delivered
    end = len(rows) * MINUTE_MS
    candles = {"S": to_candles(rows)}
    return judge_crossings([watch], candles, recorded, delivered, end, blindness, away_share)


@pytest.mark.parametrize(
    ("condition", "once", "fires"),
    [
        ("touch", True, [150_000]),
        ("touch", False, [150_000, 250_000]),
        ("cross_up", False, [120_000, 240_000]),
        ("cross_down", True, [130_000]),
        ("close_above", True, [299_999]),
        ("close_below", True, [119_999]),
    ],
)
def test_judge_accepts_each_crossing_once(condition: Condition, once: bool, fires: list[int]) -> None:
    assert judge(fires, condition=condition, once=once).violations == []


@pytest.mark.parametrize(
    ("condition", "once", "fires", "field"),
    [
        ("touch", True, [], "lost"),
        ("touch", False, [150_000], "lost"),
        ("close_above", True, [], "lost"),
        ("touch", True, [150_000, 250_000], "repeated"),
        ("close_above", True, [250_000, 299_999], "repeated"),
        ("touch", True, [70_000], "unfounded"),
        ("close_above", True, [179_999], "unfounded"),
    ],
)
def test_judge_finds_each_violation(condition: Condition, once: bool, fires: list[int], field: str) -> None:
    ledger = judge(fires, condition=condition, once=once)
    assert getattr(ledger, field)
    assert ledger.violations


def test_judge_counts_a_crossing_that_a_later_price_told() -> None:
    rows = [*DOWN_AND_UP[:3], *[(96.0, 97.0, 95.0, 96.0)] * 5]
    ledger = judge([330_000], once=False, rows=rows)
    assert (ledger.deferred, ledger.violations) == (1, [])


def test_judge_finds_a_fire_that_is_not_delivered() -> None:
    ledger = judge([150_000], delivered={})
    assert ledger.untold == ["f0"]
    assert ledger.violations


def test_judge_demands_a_jump_between_two_candles() -> None:
    rows = [(90.0, 91.0, 89.0, 90.0), (90.0, 95.0, 90.0, 95.0), (105.0, 106.0, 104.0, 105.0)]
    assert judge([], rows=rows).lost
    assert judge([120_500], rows=rows).violations == []


def test_judge_reads_no_crossing_into_the_minute_a_watch_was_made_in() -> None:
    rows = [(90.0, 91.0, 89.0, 90.0), (90.0, 105.0, 89.0, 90.0), (90.0, 95.0, 90.0, 95.0)]
    assert judge([], rows=rows, since=90_000).violations == []
    assert judge([100_000], rows=rows, since=90_000).violations == []


def test_judge_demands_nothing_after_the_end_of_a_watch() -> None:
    assert judge([], until=179_999).violations == []
    assert judge([], until=180_000).lost
    assert judge([150_000], until=140_000).unfounded


def test_judge_counts_a_crossing_without_a_fire_in_a_blind_minute() -> None:
    ledger = judge([], blindness=[BlindTime("S", 130_000, 170_000)], away_share=0.2)
    assert (len(ledger.lost), len(ledger.blind)) == (0, 1)
    assert ledger.violations == ["1 crossings without a fire, explained by blindness alone"]


@pytest.mark.parametrize("blind", [BlindTime("S", 0, 110_000), BlindTime("S", 180_000, 240_000)])
def test_judge_excuses_no_crossing_outside_the_blind_times(blind: BlindTime) -> None:
    ledger = judge([], blindness=[blind], away_share=1.0)
    assert (len(ledger.lost), len(ledger.blind)) == (1, 0)


def test_judge_finds_watches_that_are_blind_for_longer_than_prices_were_away() -> None:
    always = [BlindTime("S", 0, 200_000), BlindTime("S", 100_000, 300_000)]
    ledger = judge([150_000], blindness=always, away_share=0.5)
    assert ledger.blind_share == 1.0
    assert ledger.violations == ["watches were blind for 100% of the time, prices away for 50%"]


def test_judge_finds_a_close_from_before_the_watch() -> None:
    ledger = judge([119_999], condition="close_below", since=130_000)
    assert len(ledger.unfounded) == 1


def test_judge_finds_a_fire_at_a_price_outside_the_candle_of_its_minute() -> None:
    watch = JudgedWatch("w", "S", "touch", 100.0, True, 30_000)
    candles = {"S": to_candles(DOWN_AND_UP)}
    for price, misdated in ((100.0, 0), (105.5, 1)):
        fire = RecordedFire("f", "w", 150_000, price=price)
        ledger = judge_crossings([watch], candles, [fire], {"f": 1}, 300_000)
        assert len(ledger.misdated) == misdated
