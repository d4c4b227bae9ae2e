"""The shapes of candle files that programs and sites write, as functions from candles to text."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

HOUR = 3_600_000
START = 1_735_689_600_000
"""2025-01-01T00:00Z."""

Row = tuple[int, float, float, float, float, float]

ROWS: list[Row] = [
    (START + i * HOUR, 94_000.5 + i, 94_100.25 + i, 93_900.75 + i, 94_050.0 + i, 10.5 + i) for i in range(40)
]


def _at(ms: int, pattern: str) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime(pattern)


def _lines(head: str, line: Callable[[Row], str], rows: Iterable[Row] = ROWS) -> str:
    return head + "".join(line(row) + "\n" for row in rows)


def _values(row: Row) -> str:
    return ",".join(map(str, row[1:]))


def _comma(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _german(value: float) -> str:
    return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


CSV_SHAPES: dict[str, str] = {
    "our own": _lines("timestamp_ms,open,high,low,close,volume\n", lambda r: f"{r[0]},{_values(r)}"),
    "capitals": _lines("Timestamp,Open,High,Low,Close,Volume\n", lambda r: f"{r[0]},{_values(r)}"),
    "shouting": _lines(
        "DATE,OPEN,HIGH,LOW,CLOSE,VOLUME\n", lambda r: f"{_at(r[0], '%Y-%m-%d %H:%M:%S')},{_values(r)}"
    ),
    "tradingview seconds": _lines(
        "time,open,high,low,close,Volume,Volume MA,RSI,Upper Band\n",
        lambda r: f"{r[0] // 1000},{_values(r)},11.5,55.2,NaN",
    ),
    "tradingview iso without volume": _lines(
        "time,open,high,low,close,EMA\n",
        lambda r: f"{_at(r[0], '%Y-%m-%dT%H:%M:%SZ')},{','.join(map(str, r[1:5]))},94000.1",
    ),
    "tradingview with offset": _lines(
        "time,open,high,low,close\n",
        lambda r: f"{_at(r[0] + HOUR, '%Y-%m-%dT%H:%M:%S+01:00')},{','.join(map(str, r[1:5]))}",
    ),
    "binance vision ms": _lines("", lambda r: f"{r[0]},{_values(r)},{r[0] + HOUR - 1},1.0,5,0.5,0.5,0"),
    "binance vision us": _lines(
        "", lambda r: f"{r[0] * 1000},{_values(r)},{(r[0] + HOUR) * 1000 - 1},1.0,5,0.5,0.5,0"
    ),
    "binance vision futures": _lines(
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,ignore\n",
        lambda r: f"{r[0]},{_values(r)},{r[0] + HOUR - 1},1.0,5,0.5,0",
    ),
    "nanoseconds": _lines(
        "timestamp,open,high,low,close,volume\n", lambda r: f"{r[0] * 1_000_000},{_values(r)}"
    ),
    "yahoo with adjusted close": _lines(
        "Date,Open,High,Low,Close,Adj Close,Volume\n",
        lambda r: f"{_at(r[0], '%Y-%m-%d %H:%M:%S+00:00')},{','.join(map(str, r[1:5]))},1.5,{r[5]}",
    ),
    "yfinance with three lines of names": _lines(
        "Price,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\nDatetime,,,,,\n",
        lambda r: f"{_at(r[0], '%Y-%m-%d %H:%M:%S+00:00')},{r[4]},{r[2]},{r[3]},{r[1]},{r[5]}",
    ),
    "metatrader 5": _lines(
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n",
        lambda r: "\t".join(
            (_at(r[0], "%Y.%m.%d"), _at(r[0], "%H:%M:%S"), *map(str, r[1:5]), str(r[5]), "0", "12")
        ),
    ),
    "metatrader 4 without names": _lines(
        "", lambda r: f"{_at(r[0], '%Y.%m.%d')},{_at(r[0], '%H:%M')},{_values(r)}"
    ),
    "semicolons and decimal commas": _lines(
        "Datum;Zeit;Eröffnung;Hoch;Tief;Schluss;Volumen\n",
        lambda r: ";".join((_at(r[0], "%d.%m.%Y"), _at(r[0], "%H:%M"), *map(_comma, r[1:]))),
    ),
    "decimal commas with thousands": _lines(
        "Date;Open;High;Low;Close;Volume\n",
        lambda r: ";".join((_at(r[0], "%d.%m.%Y %H:%M"), *map(_german, r[1:]))),
    ),
    "cryptodatadownload": _lines(
        "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT\n",
        lambda r: f"{r[0]},{_at(r[0], '%Y-%m-%d %H:%M:%S')},BTC/USDT,{_values(r)},1000000.0",
        reversed(ROWS),
    ),
    "cryptodatadownload of old": _lines(
        "https://www.CryptoDataDownload.com\nDate,Symbol,Open,High,Low,Close,Volume BTC,Volume USD\n",
        lambda r: f"{_at(r[0], '%Y-%m-%d %I-%p')},BTCUSD,{_values(r)},1000000.0",
        reversed(ROWS),
    ),
    "stooq": _lines(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n",
        lambda r: f"BTCUSD,60,{_at(r[0], '%Y%m%d')},{_at(r[0], '%H%M%S')},{_values(r)},0",
    ),
    "histdata": _lines("", lambda r: ";".join((_at(r[0], "%Y%m%d %H%M%S"), *map(str, r[1:])))),
    "kraken": _lines("", lambda r: f"{r[0] // 1000},{_values(r)},17"),
    "pandas index without a name": _lines(
        ",open,high,low,close,volume\n", lambda r: f"{_at(r[0], '%Y-%m-%d %H:%M:%S')},{_values(r)}"
    ),
    "american dates": _lines(
        "Date,Open,High,Low,Close,Volume\n", lambda r: f"{_at(r[0], '%m/%d/%Y %H:%M')},{_values(r)}"
    ),
    "dollars and thousands": _lines(
        "Date,Close/Last,Volume,Open,High,Low\n",
        lambda r: (
            f'{_at(r[0], "%m/%d/%Y %H:%M")},"${r[4]:,.2f}",{r[5]},"${r[1]:,.2f}","${r[2]:,.2f}","${r[3]:,.2f}"'
        ),
    ),
    "one letter": _lines("t,o,h,l,c,v\n", lambda r: f"{r[0]},{_values(r)}"),
}

_NAMES = ("time", "open", "high", "low", "close", "volume")

JSON_SHAPES: dict[str, str] = {
    "freqtrade json": json.dumps(ROWS),
    "objects": json.dumps([dict(zip(_NAMES, r, strict=True)) for r in ROWS]),
    "columns": json.dumps({"s": "ok", **dict(zip("tohlcv", map(list, zip(*ROWS, strict=True)), strict=True))}),
    "an answer": json.dumps({"code": "0", "data": {"list": [list(map(str, r)) for r in ROWS]}}),
    "json lines": "\n".join(json.dumps(dict(zip(_NAMES, r, strict=True))) for r in ROWS),
}  # fmt: skip
