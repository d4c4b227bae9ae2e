"""Watchlists: what an operator may write, which markets it selects, and the errors for what is invalid."""

from pathlib import Path

import pytest

from producers.watchlist.entries import WatchlistEntry, read_watchlist
from producers.watchlist.selection import ListedMarket, index_markets, select_markets
from runtime.errors import ConfigurationError
from runtime.settings import Settings

BINANCE = (
    ListedMarket("spot", "BTCUSDT", 2e9),
    ListedMarket("spot", "ETHUSDT", 9e8),
    ListedMarket("spot", "ETHBTC", 1e3),
    ListedMarket("spot", "DUSTUSDT", 10.0),
    ListedMarket("spot", "NEWUSDT", None),
    ListedMarket("future", "BTCUSDT", 9e9),
)

OFFERS = index_markets({"binance": BINANCE})


def read(*written: str, file: Path | None = None) -> tuple[WatchlistEntry, ...]:
    return read_watchlist(Settings(watchlist=written, watchlist_file=file, exchanges=("binance", "bybit")))


def selected_keys(*written: str) -> list[str]:
    return [market.key for market in select_markets(read(*written), OFFERS).markets]


def test_watchlist_selects_a_market_by_name() -> None:
    assert selected_keys("Binance:spot:btc/usdt:1h") == ["binance:spot:BTCUSDT:1h"]


def test_watchlist_selects_pairs_above_a_volume() -> None:
    assert selected_keys("binance:spot:*USDT:4h>1000000") == [
        "binance:spot:BTCUSDT:4h",
        "binance:spot:ETHUSDT:4h",
    ]


def test_watchlist_star_matches_any_letters_within_a_market_type() -> None:
    assert selected_keys("binance:spot:ETH*:1h") == ["binance:spot:ETHUSDT:1h", "binance:spot:ETHBTC:1h"]
    assert selected_keys("binance:future:*:1h") == ["binance:future:BTCUSDT:1h"]


def test_watchlist_selects_a_market_once() -> None:
    assert selected_keys("binance:spot:BTCUSDT:1h", "binance:spot:BTC*:1h") == ["binance:spot:BTCUSDT:1h"]


def test_watchlist_selects_names_alone_before_the_list_is_known() -> None:
    entries = read("binance:spot:BTCUSDT:1h", "binance:spot:*USDT:1h", "binance:spot:ETHUSDT:1h>5")
    assert [market.symbol for market in select_markets(entries, {}).markets] == ["BTCUSDT"]


def test_watchlist_reports_an_unlisted_name_as_unknown() -> None:
    found = select_markets(read("binance:spot:BTCUSTD:1h", "binance:spot:BTCUSDT:1h"), OFFERS)
    assert found.unknown == ("binance:spot:BTCUSTD",)
    assert [market.symbol for market in found.markets] == ["BTCUSDT"]


@pytest.mark.parametrize("shape", ["{}", "markets:\n{}"])
def test_watchlist_file_selects_by_mappings_and_keys(tmp_path: Path, shape: str) -> None:
    entries = (
        "  - symbols: ['*USDT']\n    timeframes: [1h, 4h]\n    volume_above: 1000000000\n"
        "  - {market_type: future, symbols: BTCUSDT, timeframes: 15m}\n"
        "  - binance:spot:ETHBTC:1d\n"
    )
    file = tmp_path / "watchlist.yaml"
    file.write_text(shape.format(entries))
    keys = [market.key for market in select_markets(read(file=file), OFFERS).markets]
    assert keys == [
        "binance:spot:BTCUSDT:1h",
        "binance:spot:BTCUSDT:4h",
        "binance:future:BTCUSDT:15m",
        "binance:spot:ETHBTC:1d",
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
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
def test_watchlist_error_names_the_invalid_part(written: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        read(written)
    assert expected in str(wrong.value)
    assert "STRANDLINE_WATCHLIST" in str(wrong.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("- symbols: [BTCUSDT]\n", "entry 1: timeframes"),
        ("- {symbols: [BTCUSDT], timeframes: [1h], volume: 5}\n", "entry 1: volume"),
        ("- binance:spot:BTCUSDT:1h\n- 7\n", "entry 2: write"),
        ("symbols: [BTCUSDT]\n", "must be a list"),
        ("- [\n", "no YAML (line 2)"),
        ("", "must be a list"),
    ],
)
def test_watchlist_file_error_names_the_entry(tmp_path: Path, content: str, expected: str) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as wrong:
        read(file=file)
    assert expected in str(wrong.value)


def test_watchlist_file_error_names_a_missing_file() -> None:
    with pytest.raises(ConfigurationError, match="no-such-file"):
        read(file=Path("/no-such-file"))
