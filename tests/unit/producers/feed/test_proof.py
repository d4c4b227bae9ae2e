"""Trades close minutes only while the last comparison with the exchange was equal."""

from exchanges.ports import Candle
from producers.feed.proof import TradeProof

FIRST = Candle(60_000, 1.0, 2.0, 0.5, 1.5, 3.0)
SECOND = Candle(120_000, 1.5, 2.0, 0.5, 1.0, 4.0)


def prove() -> TradeProof:
    proof = TradeProof()
    assert not proof.admit(FIRST.time, FIRST)
    proof.compare([FIRST])
    return proof


def test_first_minute_is_held_back_until_an_equal_one_was_fetched() -> None:
    proof = TradeProof()
    assert not proof.admit(FIRST.time, FIRST)
    assert proof.is_open(FIRST.time)
    proof.compare([FIRST])
    assert not proof.is_open(FIRST.time)
    assert proof.admit(SECOND.time, SECOND)


def test_difference_holds_later_minutes_back() -> None:
    proof = prove()
    proof.admit(SECOND.time, Candle(SECOND.time, 1.5, 2.0, 0.5, 1.0, 4.5))
    proof.compare([FIRST, SECOND])
    assert not proof.admit(180_000, None)


def test_minutes_that_were_not_built_decide_nothing() -> None:
    proof = prove()
    proof.compare([SECOND])
    assert proof.admit(180_000, None)
