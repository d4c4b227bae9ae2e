import pytest

from consumers.analyzer.breaker import FAILURES_TO_OPEN, MAX_PAUSE, Breakers


def open_breaker(at: float = 0.0) -> Breakers:
    breakers = Breakers()
    results = [breakers.record_failure("binance", at, "503") for _ in range(FAILURES_TO_OPEN)]
    assert results == [False] * (FAILURES_TO_OPEN - 1) + [True]
    return breakers


def test_breaker_stays_closed_below_five_failures() -> None:
    breakers = Breakers()
    for _ in range(FAILURES_TO_OPEN - 1):
        breakers.record_failure("binance", 0.0, "503")
    assert breakers.acquire("binance", 0.0) == 0.0


def test_breaker_restarts_its_count_after_a_success() -> None:
    breakers = Breakers()
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            assert not breakers.record_failure("binance", 0.0, "503")
        assert not breakers.record_success("binance")


def test_open_breaker_lets_one_probe_and_holds_the_others() -> None:
    breakers = open_breaker()
    assert breakers.acquire("binance", 0.0) == 1.0
    assert breakers.last_error("binance") == "503"
    assert breakers.acquire("binance", 1.0) == 0.0
    assert breakers.acquire("binance", 1.0) == 1.0


def test_failed_probe_doubles_the_pause_up_to_the_maximum() -> None:
    breakers, now, pauses = open_breaker(), 0.0, []
    for _ in range(8):
        pauses.append(breakers.acquire("binance", now))
        now += pauses[-1]
        assert breakers.acquire("binance", now) == 0.0
        assert not breakers.record_failure("binance", now, "503")
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, MAX_PAUSE, MAX_PAUSE, MAX_PAUSE]


def test_open_breaker_ignores_failures_of_calls_from_before_it_opened() -> None:
    breakers = open_breaker()
    for _ in range(20):
        assert not breakers.record_failure("binance", 0.5, "timed out")
    assert breakers.acquire("binance", 0.5) == 0.5
    assert breakers.acquire("binance", 1.0) == 0.0
    assert not breakers.record_failure("binance", 1.0, "timed out")
    assert breakers.acquire("binance", 1.0) == 2.0


@pytest.mark.parametrize("other", ["bybit", "kraken"])
def test_breaker_of_one_exchange_does_not_hold_another(other: str) -> None:
    assert open_breaker().acquire(other, 0.0) == 0.0


def test_open_breaker_ignores_a_late_failure_after_an_inconclusive_probe() -> None:
    breakers = open_breaker()
    assert breakers.acquire("binance", 1.0) == 0.0
    breakers.record_inconclusive("binance")
    assert not breakers.record_failure("binance", 1.5, "a call from before it opened")
    assert breakers.acquire("binance", 1.5) == 0.5


def test_breaker_closes_after_a_success() -> None:
    breakers = open_breaker()
    assert breakers.record_success("binance")
    assert breakers.acquire("binance", 0.0) == 0.0
