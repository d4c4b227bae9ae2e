"""Findings about exchanges: errors and clocks."""

import pytest

from exchanges.ccxt.errors import http_refusal
from runtime.errors import Permanent, Transient
from strandline.doctor.exchange_findings import check_exchange_clock, check_exchange_error

NOW = 1_767_614_400_000


@pytest.mark.parametrize(("skew", "state"), [(0.0, "good"), (-2.0, "good"), (2.1, "warning"), (-11.0, "bad")])
def test_check_exchange_clock_grades_the_skew_of_this_machine(skew: float, state: str) -> None:
    finding = check_exchange_clock("binance", NOW, NOW, NOW + int(skew * 1_000))
    assert finding.state == state
    assert ("ahead of binance" if skew > 0 else "behind binance") in finding.message


def test_check_exchange_clock_names_an_exchange_whose_clock_is_off() -> None:
    finding = check_exchange_clock("binance", NOW + 3_600_000, NOW, NOW)
    assert finding.state == "warning"
    assert "binance's clock is 3600 s ahead" in finding.message


def test_check_exchange_clock_uses_the_date_header_without_an_exchange_clock() -> None:
    finding = check_exchange_clock("upbit", None, NOW - 60_000, NOW)
    assert finding.state == "bad"
    assert "60.0 s ahead of upbit's Date header" in finding.message
    assert check_exchange_clock("upbit", None, None, NOW).state == "warning"


def test_check_exchange_error_names_a_geo_block() -> None:
    error = http_refusal("binance", 451, {}, "Unavailable")
    assert isinstance(error, Permanent)
    finding = check_exchange_error("binance", error)
    assert "geo block" in finding.message
    assert "STRANDLINE_EXCHANGE_URLS" in finding.advice


def test_check_exchange_error_suggests_names_for_an_unknown_exchange() -> None:
    finding = check_exchange_error("binanc", Permanent("unknown_exchange", "ccxt does not support binanc"))
    assert "similar names are binance" in finding.message
    assert finding.advice == "correct STRANDLINE_EXCHANGES"


def test_check_exchange_error_takes_other_errors_for_an_outage() -> None:
    assert "network" in check_exchange_error("binance", Transient("timed out")).advice
