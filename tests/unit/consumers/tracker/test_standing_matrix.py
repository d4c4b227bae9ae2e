"""Which levels enter and leave the answer of standing watches at a price."""

import pytest

from consumers.tracker.standing.matrix import (
    LoadedStandingWatch,
    MemberKey,
    PlacedLevel,
    StandingInstrument,
    StandingMatrix,
    find_gone,
)
from levels.lifecycle import TrackedLevel
from schemas.watches import StandingQuestion
from tests.support.events import make_market

BTC = make_market("BTCUSDT")
KEY = MemberKey("w", BTC.key, "S1")


def place(
    price: float = 100.0, *, touches: int = 3, atr: float | None = 0.01, level_id: str = "S1"
) -> PlacedLevel:
    level = TrackedLevel(
        level_id, "support", "support", price, price * 0.999, price * 1.001, touches, touches, 0, 0, 0
    )
    return PlacedLevel(BTC, level, atr)


def open_instrument(
    question: StandingQuestion, *levels: PlacedLevel, inside: tuple[MemberKey, ...] = ()
) -> StandingInstrument:
    return StandingMatrix([LoadedStandingWatch("w", 1, "mine", question)]).place(levels or (place(),), inside)


def steps(instrument: StandingInstrument, *prices: float) -> list[bool]:
    return [step.has_entered for price in prices for step in instrument.advance(price)]


def test_level_enters_once_and_again_after_it_left() -> None:
    instrument = open_instrument(StandingQuestion(within_pct=1))
    assert steps(instrument, 103, 100.5, 100.2, 103, 100.5) == [True, False, True]


def test_level_stays_until_price_is_a_fifth_farther_away() -> None:
    instrument = open_instrument(StandingQuestion(within_pct=1))
    assert steps(instrument, 100.9, 101.1) == [True]
    assert steps(instrument, 101.3) == [False]


def test_distance_in_ranges_needs_a_known_range() -> None:
    question = StandingQuestion(within_atr=0.5)
    assert steps(open_instrument(question), 100.4) == [True]
    assert steps(open_instrument(question), 100.6) == []
    assert steps(open_instrument(question, place(atr=None)), 100.1) == []


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (StandingQuestion(within_pct=1, side="support"), True),
        (StandingQuestion(within_pct=1, side="resistance"), False),
        (StandingQuestion(within_pct=1, fresh=True), False),
        (StandingQuestion(within_pct=1, fresh=False), True),
        (StandingQuestion(within_pct=1, min_touches=4), False),
        (StandingQuestion(within_pct=1, timeframe="4h"), False),
        (StandingQuestion(within_pct=1, quote="USDT"), True),
        (StandingQuestion(within_pct=1, markets=("binance:spot:ETHUSDT",)), False),
        (StandingQuestion(within_pct=1, markets=(BTC.instrument,)), True),
    ],
)
def test_question_filters_levels(question: StandingQuestion, found: bool) -> None:
    assert steps(open_instrument(question), 100.5) == [True] * found


def test_level_that_was_inside_before_does_not_enter_again() -> None:
    instrument = open_instrument(StandingQuestion(within_pct=1), inside=(KEY,))
    assert steps(instrument, 100.5) == []
    assert instrument.members() == {KEY}


def test_level_that_is_no_longer_published_is_gone() -> None:
    other = MemberKey("w", "sim:spot:ETHUSDT:1h", "S1")
    assert find_gone({BTC.key: ["S2"]}, [KEY, other]) == {KEY}


def test_matrix_without_watches_or_levels_finds_nothing() -> None:
    assert StandingMatrix([]).place([place()]).advance(100.0) == []
    assert (
        StandingMatrix([LoadedStandingWatch("w", 1, "", StandingQuestion(within_pct=1))])
        .place([])
        .advance(1.0)
        == []
    )
