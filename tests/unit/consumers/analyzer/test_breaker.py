import pytest

from consumers.analyzer.breaker import FAILURES_TO_OPEN, LONGEST_PAUSE, Breakers


def opened(at: float = 0.0) -> Breakers:
    breakers = Breakers()
    told = [breakers.failed("binance", at, "503") for _ in range(FAILURES_TO_OPEN)]
    assert told == [False] * (FAILURES_TO_OPEN - 1) + [True]
    return breakers


def test_a_few_failures_hold_up_nobody() -> None:
    breakers = Breakers()
    for _ in range(FAILURES_TO_OPEN - 1):
        breakers.failed("binance", 0.0, "503")
    assert breakers.wait("binance", 0.0) == 0.0


def test_a_success_in_between_begins_the_count_anew() -> None:
    breakers = Breakers()
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            assert not breakers.failed("binance", 0.0, "503")
        assert not breakers.succeeded("binance")


def test_while_it_is_open_one_probes_and_the_others_wait() -> None:
    breakers = opened()
    assert breakers.wait("binance", 0.0) == 1.0
    assert breakers.last_word("binance") == "503"
    assert breakers.wait("binance", 1.0) == 0.0
    assert breakers.wait("binance", 1.0) == 1.0


def test_each_failed_probe_doubles_the_pause_up_to_the_longest() -> None:
    breakers, now, pauses = opened(), 0.0, []
    for _ in range(8):
        pauses.append(breakers.wait("binance", now))
        now += pauses[-1]
        assert breakers.wait("binance", now) == 0.0
        assert not breakers.failed("binance", now, "503")
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_failures_of_calls_from_before_it_opened_do_not_prolong_the_pause() -> None:
    breakers = opened()
    for _ in range(20):
        assert not breakers.failed("binance", 0.5, "timed out")
    assert breakers.wait("binance", 0.5) == 0.5
    assert breakers.wait("binance", 1.0) == 0.0
    assert not breakers.failed("binance", 1.0, "timed out")
    assert breakers.wait("binance", 1.0) == 2.0


@pytest.mark.parametrize("other", ["bybit", "kraken"])
def test_an_exchange_that_is_down_says_nothing_of_another(other: str) -> None:
    assert opened().wait(other, 0.0) == 0.0


def test_after_a_probe_that_heard_nothing_a_late_failure_does_not_lengthen_the_pause() -> None:
    breakers = opened()
    assert breakers.wait("binance", 1.0) == 0.0
    breakers.unheard("binance")
    assert not breakers.failed("binance", 1.5, "a call from before it opened")
    assert breakers.wait("binance", 1.5) == 0.5


def test_a_success_closes_it() -> None:
    breakers = opened()
    assert breakers.succeeded("binance")
    assert breakers.wait("binance", 0.0) == 0.0
