"""Recordings: as they are, as much of them as is known at a time, and longer candles made of them."""

from pathlib import Path

import pytest

from runtime.errors import ConfigurationError
from simulator.history.replay import ReplayTape, read_directory
from simulator.history.tape import Window
from simulator.history.timeline import HOUR
from simulator.listings import SimulatedMarket

T0 = 1_700_006_400_000  # a midnight


def row(i: int, *prices: float) -> str:
    o, h, low, c, v = prices or (10.0 + i, 12.0 + i, 9.0 + i, 11.0 + i, 5.0)
    return f"{T0 + i * HOUR},{o},{h},{low},{c},{v}"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    header = "timestamp_ms,open,high,low,close,volume\n"
    (tmp_path / "binance_BTCUSDT_1h.csv").write_text(header + "\n".join(row(i) for i in range(1, 11)))
    (tmp_path / "bybit_ETHUSDC_1h.csv").write_text(header + row(0) + "\n" + row(40))
    (tmp_path / "binance_notes.txt").write_text("not a recording")
    return tmp_path


@pytest.fixture
def tape(directory: Path) -> ReplayTape:
    return ReplayTape(read_directory(directory, "binance"), "binance")


@pytest.fixture
def btc(tape: ReplayTape) -> SimulatedMarket:
    return SimulatedMarket(tape.listings()[0], "spot")


def test_replay_reads_files_of_its_exchange_only(directory: Path, tape: ReplayTape) -> None:
    assert [listing.symbol for listing in tape.listings()] == ["BTCUSDT"]
    assert tape.end() == T0 + 11 * HOUR
    bybit = ReplayTape(read_directory(directory, "bybit"), "bybit")
    assert [(listing.base, listing.quote) for listing in bybit.listings()] == [("ETH", "USDC")]


def test_replay_names_the_expected_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"binance_<SYMBOL>_<timeframe>\.csv"):
        read_directory(tmp_path, "binance")


def test_replay_names_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "binance_BTCUSDT_1h.csv").write_text("1700000000000,1,x\n")
    with pytest.raises(ConfigurationError, match=r"binance_BTCUSDT_1h\.csv"):
        read_directory(tmp_path, "binance")


def test_replay_serves_windows(tape: ReplayTape, btc: SimulatedMarket) -> None:
    now = tape.end() + 1
    assert tape.bars(btc, "1h", Window(now, 3), now).close.tolist() == [19.0, 20.0, 21.0]
    assert tape.bars(btc, "1h", Window(T0 + 5 * HOUR, 2), now).close.tolist() == [15.0, 16.0]
    assert tape.bars(btc, "1h", Window(now, 2, T0 + 2 * HOUR - 1), now).close.tolist() == [13.0, 14.0]
    assert len(tape.bars(btc, "1h", Window(T0, 2), now)) == 0


def test_replay_hides_the_future_of_the_open_candle(tape: ReplayTape, btc: SimulatedMarket) -> None:
    """A rising candle goes from its open to its low, to its high, to its close."""
    opened = T0 + 5 * HOUR
    seen = [tape.bars(btc, "1h", Window(opened + HOUR, 1), opened + part * HOUR // 6) for part in range(6)]
    assert [bars.time[-1] for bars in seen] == [opened] * 6
    assert [bars.close[-1] for bars in seen] == [15.0, 14.0, 14.0, 16.0, 17.0, 16.0]
    assert [bars.low[-1] for bars in seen] == [15.0, 14.0, 14.0, 14.0, 14.0, 14.0]
    assert [bars.high[-1] for bars in seen] == [15.0, 15.0, 15.0, 16.0, 17.0, 17.0]


def test_replay_builds_longer_candles_only(tape: ReplayTape, btc: SimulatedMarket) -> None:
    now = tape.end() + 1
    assert "15m" not in tape.timeframes(btc.listing)
    assert len(tape.bars(btc, "15m", Window(now, 5), now)) == 0
    four = tape.bars(btc, "4h", Window(now, 5), now)
    # The first four hours begin with their second one here, so they are no candle.
    assert four.time.tolist() == [T0 + 4 * HOUR, T0 + 8 * HOUR]
    assert four.open.tolist() == [14.0, 18.0]
    assert four.close.tolist() == [18.0, 21.0]
    assert four.volume.tolist() == [20.0, 15.0]
