"""The planned requests of a round are determined by its seed."""

from collections import Counter

from tests.support.faults.plan import (
    LONG_TIMEOUT,
    SHORT_TIMEOUT,
    Shares,
    make_market,
    make_markets,
    plan_requests,
)

MARKETS = make_markets(["BTCUSDT", "ETHUSDT", "XRPUSDT"], 5)


def test_plan_is_determined_by_its_seed() -> None:
    assert (
        plan_requests(1, "r-", 200, MARKETS)
        == plan_requests(1, "r-", 200, MARKETS)
        != plan_requests(2, "r-", 200, MARKETS)
    )


def test_plan_has_unique_names_and_covers_every_market() -> None:
    asks = plan_requests(3, "r-", 500, MARKETS)
    assert len({ask.name for ask in asks}) == 500
    assert {ask.market for ask in asks if ask.kind == "request"} == set(MARKETS)


def test_plan_keeps_the_shares_approximately() -> None:
    kinds = Counter(
        ask.kind for ask in plan_requests(4, "r-", 5_000, MARKETS, Shares(hasty=0.1, unknown=0.0, poison=0.2))
    )
    assert 400 < kinds["hasty"] < 600
    assert 900 < kinds["poison"] < 1_100
    assert kinds["unknown"] == 0


def test_plan_gives_only_hasty_requests_a_short_timeout_and_poison_no_key() -> None:
    asks = plan_requests(5, "r-", 1_000, MARKETS, Shares(hasty=0.2, poison=0.2))
    assert {ask.timeout for ask in asks if ask.kind == "hasty"} == {SHORT_TIMEOUT}
    assert {ask.timeout for ask in asks if ask.kind != "hasty"} == {LONG_TIMEOUT}
    assert not any(ask.keyed for ask in asks if ask.kind == "poison")
    assert {ask.keyed for ask in asks if ask.kind == "request"} == {True, False}


def test_make_markets_uses_every_symbol_before_the_second_timeframe() -> None:
    assert MARKETS[:3] == [make_market(symbol, "1m") for symbol in ("BTCUSDT", "ETHUSDT", "XRPUSDT")]
    assert [market.timeframe for market in MARKETS[3:]] == ["5m", "5m"]
