"""Klines are read from the messages that the exchanges document."""

from exchanges.ccxt.kline_readers import read_binance, read_bybit
from exchanges.ports import Candle

BINANCE = {
    "e": "kline",
    "E": 1_672_515_782_136,
    "s": "BNBBTC",
    "k": {
        "t": 1_672_515_780_000,
        "T": 1_672_515_839_999,
        "s": "BNBBTC",
        "i": "1m",
        "o": "0.0010",
        "c": "0.0020",
        "h": "0.0025",
        "l": "0.0015",
        "v": "1000",
        "x": True,
    },
}
BYBIT = {
    "topic": "kline.1.BTCUSDT",
    "data": [
        {
            "start": 1_672_324_800_000,
            "end": 1_672_324_859_999,
            "interval": "1",
            "open": "16649.5",
            "close": "16677",
            "high": "16677",
            "low": "16608",
            "volume": "2.081",
            "turnover": "34666.4005",
            "confirm": False,
            "timestamp": 1_672_324_838_882,
        }
    ],
    "ts": 1_672_324_838_882,
    "type": "snapshot",
}


def test_binance_kline_is_read_with_its_final_flag() -> None:
    (kline,) = read_binance(BINANCE)
    assert kline.market_id == "BNBBTC"
    assert kline.candle == Candle(1_672_515_780_000, 0.001, 0.0025, 0.0015, 0.002, 1_000.0)
    assert (kline.is_final, kline.sent_at) == (True, 1_672_515_782_136)


def test_bybit_kline_is_read_with_its_final_flag() -> None:
    (kline,) = read_bybit(BYBIT)
    assert kline.market_id == "BTCUSDT"
    assert kline.candle == Candle(1_672_324_800_000, 16_649.5, 16_677.0, 16_608.0, 16_677.0, 2.081)
    assert (kline.is_final, kline.sent_at) == (False, 1_672_324_838_882)


def test_other_messages_are_no_klines() -> None:
    assert not list(read_binance({"e": "24hrTicker", "s": "BNBBTC"}))
    assert not list(read_binance(BINANCE | {"k": {"i": "5m"}}))
    assert not list(read_bybit(BYBIT | {"topic": "kline.5.BTCUSDT"}))
    assert not list(read_bybit({"topic": "tickers.BTCUSDT", "data": {}}))
