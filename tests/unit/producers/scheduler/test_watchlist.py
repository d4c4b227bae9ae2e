"""What an operator may write, what it means among the markets there are, and what is said of what is wrong."""

from pathlib import Path

import pytest

from producers.scheduler.watchlist import Entry, Listed, chosen, read_watchlist
from runtime.errors import ConfigurationError
from runtime.settings import Settings

BINANCE = (
    Listed("spot", "BTCUSDT", 2e9),
    Listed("spot", "ETHUSDT", 9e8),
    Listed("spot", "ETHBTC", 1e3),
    Listed("spot", "DUSTUSDT", 10.0),
    Listed("spot", "NEWUSDT", None),
    Listed("future", "BTCUSDT", 9e9),
)


def read(*written: str, file: Path | None = None) -> tuple[Entry, ...]:
    return read_watchlist(Settings(watchlist=written, watchlist_file=file, exchanges=("binance", "bybit")))


def meant(*written: str) -> list[str]:
    return [market.key for market in chosen(read(*written), {"binance": BINANCE}).markets]


def test_a_market_by_name() -> None:
    assert meant("Binance:spot:btc/usdt:1h") == ["binance:spot:BTCUSDT:1h"]


def test_all_usdt_spot_pairs_with_a_volume() -> None:
    assert meant("binance:spot:*USDT:4h>1000000") == ["binance:spot:BTCUSDT:4h", "binance:spot:ETHUSDT:4h"]


def test_a_star_stands_for_any_letters_of_that_type_alone() -> None:
    assert meant("binance:spot:ETH*:1h") == ["binance:spot:ETHUSDT:1h", "binance:spot:ETHBTC:1h"]
    assert meant("binance:future:*:1h") == ["binance:future:BTCUSDT:1h"]


def test_a_market_meant_twice_is_watched_once() -> None:
    assert meant("binance:spot:BTCUSDT:1h", "binance:spot:BTC*:1h") == ["binance:spot:BTCUSDT:1h"]


def test_before_an_exchange_has_answered_names_are_taken_and_stars_wait() -> None:
    entries = read("binance:spot:BTCUSDT:1h", "binance:spot:*USDT:1h", "binance:spot:ETHUSDT:1h>5")
    assert [market.symbol for market in chosen(entries, {}).markets] == ["BTCUSDT"]


def test_a_name_that_is_not_listed_is_told_and_not_asked_for() -> None:
    found = chosen(read("binance:spot:BTCUSTD:1h", "binance:spot:BTCUSDT:1h"), {"binance": BINANCE})
    assert found.unknown == ("binance:spot:BTCUSTD",)
    assert [market.symbol for market in found.markets] == ["BTCUSDT"]


@pytest.mark.parametrize("shape", ["{}", "markets:\n{}"])
def test_a_file_says_the_same_in_more_words(tmp_path: Path, shape: str) -> None:
    entries = (
        "  - symbols: ['*USDT']\n    timeframes: [1h, 4h]\n    volume_above: 1000000000\n"
        "  - {market_type: future, symbols: BTCUSDT, timeframes: 15m}\n"
        "  - binance:spot:ETHBTC:1d\n"
    )
    file = tmp_path / "watchlist.yaml"
    file.write_text(shape.format(entries))
    keys = [market.key for market in chosen(read(file=file), {"binance": BINANCE}).markets]
    assert keys == [
        "binance:spot:BTCUSDT:1h",
        "binance:spot:BTCUSDT:4h",
        "binance:future:BTCUSDT:15m",
        "binance:spot:ETHBTC:1d",
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("BTCUSDT", "exchange:market_type:SYMBOL:timeframe"),
        ("binance:spot:BTCUSDT:7m", "7m"),
        ("binance:option:BTCUSDT:1h", "market_type"),
        ("binance:spot:BTC USDT:1h", "BTCUSDT or BTC/USDT"),
        ("kraken:spot:BTCUSDT:1h", "STRANDLINE_EXCHANGES"),
        ("binance:spot:*USDT:1h>much", "volume_above"),
        ("binance:spot:*USDT:1h>-1", "volume_above"),
    ],
)
def test_what_is_wrong_is_named(written: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        read(written)
    assert said in str(wrong.value)
    assert "STRANDLINE_WATCHLIST" in str(wrong.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- symbols: [BTCUSDT]\n", "entry 1: timeframes"),
        ("- {symbols: [BTCUSDT], timeframes: [1h], volume: 5}\n", "entry 1: volume"),
        ("- binance:spot:BTCUSDT:1h\n- 7\n", "entry 2: write"),
        ("symbols: [BTCUSDT]\n", "must be a list"),
        ("- [\n", "no YAML (line 2)"),
        ("", "must be a list"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_its_place(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as wrong:
        read(file=file)
    assert said in str(wrong.value)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigurationError, match="no-such-file"):
        read(file=Path("/no-such-file"))
