"""Symbols, market keys and candle periods."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.market import (
    TIMEFRAMES,
    BadTimeframe,
    Market,
    candle_end,
    candle_open,
    candle_period,
    normalize_symbol,
    parse_market_key,
)
from schemas.symbols import InvalidMarket
from schemas.values import from_ms


@pytest.mark.parametrize("written", ["BTCUSDT", "btcusdt", "BTC/USDT", "btc-usdt", "BTC_USDT", " BTC/USDT "])
def test_normalize_symbol_accepts_spot_spellings(written: str) -> None:
    assert normalize_symbol(written, "spot") == "BTCUSDT"


@pytest.mark.parametrize("written", ["BTCUSDT", "BTC/USDT", "BTC/USDT:USDT", "btc/usdt:usdt", "BTCUSDT:USDT"])
def test_normalize_symbol_accepts_future_spellings(written: str) -> None:
    assert normalize_symbol(written, "future") == "BTCUSDT"


def test_normalize_symbol_refuses_contradicting_market_type() -> None:
    with pytest.raises(InvalidMarket, match="send market_type 'future'"):
        normalize_symbol("BTC/USDT:USDT", "spot")


def test_normalize_symbol_refuses_inverse_perpetual() -> None:
    with pytest.raises(InvalidMarket, match="only linear perpetuals"):
        normalize_symbol("BTC/USD:BTC", "future")


@pytest.mark.parametrize(
    "written", ["", "/", "BTC/", "BTC USDT", "BTC/USDT/X", "B", "X" * 65, "BTC;DROP", "BTC/USDT:USDT-261225"]
)
def test_normalize_symbol_refuses_invalid_text(written: str) -> None:
    with pytest.raises(InvalidMarket):
        normalize_symbol(written, "future")


@given(st.text(max_size=80))
def test_normalize_symbol_is_idempotent(written: str) -> None:
    try:
        stored = normalize_symbol(written, "spot")
    except InvalidMarket:
        return
    assert normalize_symbol(stored, "spot") == stored


def test_market_key_has_documented_order() -> None:
    assert Market.of("Binance", "BTC/USDT", "spot", "1h").key == "binance:spot:BTCUSDT:1h"


def test_market_refuses_unknown_timeframe_and_lists_known_ones() -> None:
    with pytest.raises(BadTimeframe, match="1h, 2h, 4h"):
        Market.of("binance", "BTCUSDT", "spot", "7x")


@pytest.mark.parametrize("timeframe", [name for name in TIMEFRAMES if name != "1M"])
def test_candle_end_is_one_timeframe_after_open(timeframe: str) -> None:
    assert candle_end(1_700_000_000_000, timeframe) - 1_700_000_000_000 == TIMEFRAMES[timeframe]


@pytest.mark.parametrize(
    ("timeframe", "last", "first"),
    [
        ("1h", "2026-01-05T12:59:59.999Z", "2026-01-05T13:00:00Z"),
        ("1w", "2026-01-04T23:59:59Z", "2026-01-05T00:00:00Z"),
        ("1M", "2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z"),
    ],
)
def test_candle_period_changes_with_the_candle(timeframe: str, last: str, first: str) -> None:
    before, after = datetime.fromisoformat(last), datetime.fromisoformat(first)
    assert candle_period(after, timeframe) - candle_period(before, timeframe) == 1
    assert from_ms(candle_open(after, timeframe)) == after


@given(
    st.datetimes(datetime(1970, 2, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(list(TIMEFRAMES)),
)
def test_candle_open_and_end_enclose_the_time(time: datetime, timeframe: str) -> None:
    opened = candle_open(time, timeframe)
    assert from_ms(opened) <= time < from_ms(candle_end(opened, timeframe))
    assert candle_period(from_ms(opened), timeframe) == candle_period(time, timeframe)


@pytest.mark.parametrize(("opened", "ends"), [("2024-02-01", "2024-03-01"), ("2026-12-01", "2027-01-01")])
def test_candle_end_of_month_follows_calendar(opened: str, ends: str) -> None:
    start = 1_706_745_600_000 if opened == "2024-02-01" else 1_796_083_200_000
    assert f"{from_ms(start):%Y-%m-%d}" == opened
    assert f"{from_ms(candle_end(start, '1M')):%Y-%m-%d}" == ends


@pytest.mark.parametrize(
    "market", [Market.of("binance", "BTCUSDT"), Market.of("sim", "币安人生USDT", "future", "1M")]
)
def test_parse_market_key_is_the_inverse_of_key(market: Market) -> None:
    assert parse_market_key(market.key) == market


@pytest.mark.parametrize(
    "key", ["", "binance:spot:BTCUSDT", "a:b:c:d:e", "binance:spot:BTCUSDT:7h", "binance:x:BTCUSDT:1h"]
)
def test_parse_market_key_rejects_other_text(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - InvalidMarket and pydantic's ValidationError are both one
        parse_market_key(key)
