"""Exchanges as tables: their candle endpoints by market type, and how they refuse. From their API documentation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas.market import MarketType
from tests.contract.exchanges.endpoints import (
    HOUR,
    Bar,
    Endpoint,
    Refusal,
    Request,
    named,
    numbers,
    seconds,
    texts,
)

GEO = (403, {"message": "Access from your country is not allowed"})
MAINTENANCE = (503, {"message": "System maintenance"})
LIMITED = (429, {"message": "Too many requests"})
BANNED = (403, {"message": "IP banned, please try again in 120 seconds"})


@dataclass(frozen=True)
class ExchangeTable:
    """One exchange. `oddity`: what to know about it, for people.

    delisted, geo, maintenance, limited, banned: its answers, where they are known; else plain ones
    """

    spot: Endpoint | None = None
    future: Endpoint | None = None
    ids: Mapping[MarketType, str] = field(default_factory=dict)
    delisted: Refusal = (400, {"message": "Unknown symbol"})
    geo: Refusal = GEO
    maintenance: Refusal = MAINTENANCE
    limited: Refusal = LIMITED
    banned: Refusal = BANNED
    oddity: str = ""

    def endpoint(self, market_type: MarketType) -> Endpoint | None:
        return self.spot if market_type == "spot" else self.future


def _error(code: Any, msg: str, *, code_name: str = "code", msg_name: str = "msg") -> dict[str, Any]:
    return {code_name: code, msg_name: msg}


def _iso(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000)


def _stamp(ms: int, pattern: str) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime(pattern)


def _binance_rows(bars: Sequence[Bar]) -> Any:
    return [[b.time, *texts(b, "ohlcv"), b.time + HOUR - 1, "0", 1, "0", "0", "0"] for b in bars]


_BINANCE = Endpoint(_binance_rows, picks="oldest with start")
_BINANCE_REFUSALS: dict[str, Any] = {
    "delisted": (400, _error(-1122, "Invalid symbol status.")),
    "geo": (451, _error(0, "Service unavailable from a restricted location according to 'b. Eligibility'.")),
    "maintenance": (503, _error(-1008, "System is under maintenance.")),
    "limited": (
        429,
        _error(-1003, "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."),
    ),
    "banned": (418, _error(-1003, "Way too much request weight used; IP banned until {until_ms}.")),
}

_BYBIT = Endpoint(
    lambda bars: _bybit(0, "OK", {"list": [[str(b.time), *texts(b, "ohlcv"), "1"] for b in bars]}),
    start="start",
    end="end",
    default=200,
    newest_first=True,
)


def _bybit(code: int, msg: str, result: Any = None) -> Any:
    return {"retCode": code, "retMsg": msg, "result": result or {}, "retExtInfo": {}, "time": 0}


def _okx(data: Any, code: str = "0", msg: str = "") -> Any:
    return {"code": code, "msg": msg, "data": data}


_OKX = Endpoint(
    lambda bars: _okx([[str(b.time), *texts(b, "ohlcv"), "1", "1", "1"] for b in bars]),
    start="before",
    end="after",
    cap=300,
    default=100,
    end_included=False,
    newest_first=True,
)


def _refuse_coinbase(request: Request) -> Refusal | None:
    if request.start is not None and request.end is not None and request.start >= request.end:
        return 400, {
            "error": "INVALID_ARGUMENT",
            "error_details": "start must be before end",
            "message": "start must be before end",
        }
    if request.span >= 350:
        text = "start and end argument is invalid - number of candles requested should be less than 350"
        return 400, {"error": "INVALID_ARGUMENT", "error_details": text, "message": text}
    return None


def _coinbase_rows(bars: Sequence[Bar]) -> Any:
    rows = [
        {"start": str(b.time // 1000), **named(b, low="l", high="h", open="o", close="c", volume="v")}
        for b in bars
    ]
    return {"candles": rows}


_COINBASE = Endpoint(
    _coinbase_rows,
    start="start",
    end="end",
    limit=None,
    read=seconds,
    cap=350,
    default=350,
    newest_first=True,
    refuse=_refuse_coinbase,
)


def _refuse_coinbase_exchange(request: Request) -> Refusal | None:
    if request.start is not None and request.end is not None and request.start >= request.end:
        return 400, {"message": "start must be before end"}
    if request.span > 300:
        text = (
            "granularity too small for the requested time range. Count of aggregations requested exceeds 300"
        )
        return 400, {"message": text}
    return None


def _refuse_gate(most: int) -> Any:
    def refuse(request: Request) -> Refusal | None:
        if request.start is not None and request.limit is not None:
            return 400, {"label": "INVALID_PARAM_VALUE", "message": "limit conflicts with from and to"}
        if request.start is not None and ((request.end or request.now) - request.start) // HOUR + 1 > most:
            text = f"Candlestick range too broad. Maximum {most} data points are allowed per request"
            return 400, {"label": "INVALID_PARAM_VALUE", "message": text}
        oldest = request.start if request.start is not None else request.end
        if oldest is not None and (request.now - oldest) // HOUR >= 10_000:
            text = "Candlestick too long ago. Maximum 10000 points ago are allowed"
            return 400, {"label": "INVALID_PARAM_VALUE", "message": text}
        return None

    return refuse


def _refuse_deribit(request: Request) -> Refusal | None:
    if request.start is None or request.end is None or request.start <= request.end:
        return None
    data = {"reason": "must be before end_timestamp", "param": "start_timestamp"}
    return 400, {
        "jsonrpc": "2.0",
        "error": {"message": "Invalid params", "data": data, "code": -32602},
        "testnet": False,
    }


def _deribit_rows(bars: Sequence[Bar]) -> Any:
    columns = {name: [getattr(b, name) for b in bars] for name in ("open", "high", "low", "close", "volume")}
    result = {
        "status": "ok" if bars else "no_data",
        "ticks": [b.time for b in bars],
        "cost": [0] * len(bars),
        **columns,
    }
    return {"jsonrpc": "2.0", "result": result, "testnet": False}


def _refuse_bitget(request: Request) -> Refusal | None:
    if "history" in request.path and (request.limit or 0) > 200:
        return 400, {"code": "40017", "msg": "Parameter limit error", "data": None}
    return None


_BITGET = Endpoint(
    lambda bars: {
        "code": "00000",
        "msg": "success",
        "data": [[str(b.time), *texts(b, "ohlcv"), "1", "1"] for b in bars],
    },
    default=100,
    refuse=_refuse_bitget,
)


def _kucoin(data: Any, code: str = "200000", msg: str = "") -> Any:
    return {"code": code, "msg": msg, "data": data}


def _htx_rows(bars: Sequence[Bar]) -> Any:
    rows = [
        {
            "id": b.time // 1000,
            "open": b.open,
            "high": b.high,
            "low": b.low,
            "close": b.close,
            "amount": b.volume,
            "vol": 1,
            "count": 1,
        }
        for b in bars
    ]
    return {"status": "ok", "ch": "market", "ts": 0, "data": rows}


def _upbit_rows(bars: Sequence[Bar]) -> Any:
    pattern = "%Y-%m-%dT%H:%M:%S"
    return [
        {
            "market": "USDT-BTC",
            "candle_date_time_utc": _stamp(b.time, pattern),
            "opening_price": b.open,
            "high_price": b.high,
            "low_price": b.low,
            "trade_price": b.close,
            "timestamp": b.time + 1,
            "candle_acc_trade_price": 1,
            "candle_acc_trade_volume": b.volume,
            "unit": 60,
        }
        for b in bars
    ]


def _refuse_phemex(request: Request) -> Refusal | None:
    if "list" not in request.path and request.limit not in {5, 10, 50, 100, 500, 1_000}:
        return 200, {"code": 30018, "msg": "phemex.data.size.uplimt", "data": None}
    return None


def _phemex_rows(bars: Sequence[Bar]) -> Any:
    rows = [[b.time // 1000, 3600, *texts(b, "oohlcv"), "1", "BTCUSDT"] for b in bars]
    return {"code": 0, "msg": "OK", "data": {"total": -1, "rows": rows}}


def _phemex_spot_rows(bars: Sequence[Bar]) -> Any:
    scaled = [Bar(b.time, *(round(value * 10**8) for value in b[1:])) for b in bars]
    return _phemex_rows(scaled)


def _dydx_rows(bars: Sequence[Bar]) -> Any:
    rows = [
        {
            "startedAt": _stamp(b.time, "%Y-%m-%dT%H:%M:%S.000Z"),
            "ticker": "BTC-USD",
            "resolution": "1HOUR",
            "usdVolume": "1",
            "trades": 1,
            **named(b, low="l", high="h", open="o", close="c", baseTokenVolume="v"),
        }
        for b in bars
    ]
    return {"candles": rows}


def _poloniex_rows(bars: Sequence[Bar]) -> Any:
    return [
        [
            *texts(b, "lhoc"),
            "1",
            *texts(b, "v"),
            "1",
            "1",
            3,
            b.time + 100,
            "1",
            "HOUR_1",
            b.time,
            b.time + HOUR - 1,
        ]
        for b in bars
    ]


def _poloniex_future_rows(bars: Sequence[Bar]) -> Any:
    return {
        "code": 200,
        "msg": "Success",
        "data": [
            [*texts(b, "lhoc"), "1", *texts(b, "v"), "1", str(b.time), str(b.time + HOUR - 1)] for b in bars
        ],
    }


_WHITEBIT = Endpoint(
    lambda bars: {
        "success": True,
        "message": "",
        "result": [[b.time // 1000, *texts(b, "ochlv"), "1"] for b in bars],
    },
    start="start",
    end="end",
    read=seconds,
    cap=1_440,
    default=1_440,
    picks="oldest with start",
)
_CRYPTOCOM = Endpoint(
    lambda bars: {
        "id": -1,
        "code": 0,
        "result": {
            "interval": "1h",
            "data": [{**named(b, o="o", h="h", l="l", c="c", v="v"), "t": b.time} for b in bars],
        },
    },
    start="start_ts",
    end="end_ts",
    limit="count",
    cap=300,
    default=25,
    end_included=False,
)
_BITFINEX = Endpoint(
    lambda bars: [[b.time, *numbers(b, "ochlv")] for b in bars],
    start="start",
    end="end",
    cap=10_000,
    default=100,
    newest_first=True,
)
_DERIBIT = Endpoint(
    _deribit_rows,
    start="start_timestamp",
    end="end_timestamp",
    limit=None,
    cap=5_000,
    default=5_000,
    refuse=_refuse_deribit,
)
_HYPERLIQUID = Endpoint(
    lambda bars: [
        {
            "t": b.time,
            "T": b.time + HOUR - 1,
            "s": "BTC",
            "i": "1h",
            "n": 1,
            **named(b, o="o", c="c", h="h", l="l", v="v"),
        }
        for b in bars
    ],
    cap=5_000,
    default=5_000,
    limit=None,
    retention=5_000,
)

TABLES: dict[str, ExchangeTable] = {
    "binance": ExchangeTable(
        _BINANCE,
        _BINANCE,
        **_BINANCE_REFUSALS,
        oddity="futures: ccxt declares 500 candles a call, 1,000 cost the same",
    ),
    "binanceus": ExchangeTable(_BINANCE, **_BINANCE_REFUSALS),
    "aster": ExchangeTable(_BINANCE, _BINANCE, **_BINANCE_REFUSALS),
    "mexc": ExchangeTable(
        Endpoint(
            lambda bars: [[b.time, *texts(b, "ohlcv"), b.time + HOUR - 1, "0"] for b in bars],
            cap=500,
            picks="oldest with start",
        ),
        Endpoint(
            lambda bars: {
                "success": True,
                "code": 0,
                "data": {
                    "time": [b.time // 1000 for b in bars],
                    "open": [b.open for b in bars],
                    "high": [b.high for b in bars],
                    "low": [b.low for b in bars],
                    "close": [b.close for b in bars],
                    "vol": [b.volume for b in bars],
                },
            },
            start="start",
            end="end",
            limit=None,
            read=seconds,
            cap=2_000,
            default=2_000,
        ),
        {"future": "BTC_USDT"},
        delisted=(400, _error(-1121, "Invalid symbol.")),
        limited=(429, _error(429, "Too Many Requests")),
        oddity="spot sends 500 candles a call where 1,000 are declared",
    ),
    "bybit": ExchangeTable(
        _BYBIT,
        _BYBIT,
        delisted=(200, _bybit(10001, "params error: Symbol Is Invalid")),
        geo=(403, "The Amazon CloudFront distribution is configured to block access from your country."),
        maintenance=(200, {"retCode": 10016, "retMsg": "Server maintenance"}),
        limited=(200, {"retCode": 10006, "retMsg": "Too many visits. Exceeded the API Rate Limit."}),
        banned=(403, "403, access too frequent. ban 10min"),
    ),
    "okx": ExchangeTable(
        _OKX,
        _OKX,
        {"spot": "BTC-USDT", "future": "BTC-USDT-SWAP"},
        delisted=(200, _okx([], "51001", "Instrument ID does not exist")),
        geo=(403, _okx(None, "50119", "Service is not available in your region")),
        maintenance=(503, _okx(None, "50001", "Service temporarily unavailable, please try again later")),
        limited=(
            429,
            _okx(
                None, "50011", "Rate limit reached. Please refer to API documentation and throttle requests"
            ),
        ),
        oddity="newest first; its end is excluded",
    ),
    "kraken": ExchangeTable(
        Endpoint(
            lambda bars: {
                "error": [],
                "result": {"XXBTZUSD": [[b.time // 1000, *texts(b, "ohlccv"), 3] for b in bars], "last": 0},
            },
            start="since",
            end=None,
            limit=None,
            read=seconds,
            cap=720,
            default=720,
            retention=720,
        ),
        ids={"spot": "XXBTZUSD"},
        delisted=(200, {"error": ["EQuery:Unknown asset pair"]}),
        maintenance=(200, {"error": ["EService:Unavailable"]}),
        limited=(200, {"error": ["EAPI:Rate limit exceeded"]}),
        banned=(200, {"error": ["EGeneral:Temporary lockout"]}),
        oddity="keeps the newest 720 candles of each timeframe; weeks begin on Thursday",
    ),
    "coinbase": ExchangeTable(
        _COINBASE,
        _COINBASE,
        {"spot": "BTC-USDT", "future": "BTC-PERP-INTX"},
        delisted=(
            400,
            {
                "error": "INVALID_ARGUMENT",
                "error_details": "ProductID is invalid: unknown product",
                "message": "unknown product",
            },
        ),
        oddity="wants both ends: with the end alone ccxt sends a start after it",
    ),
    "coinbaseexchange": ExchangeTable(
        Endpoint(
            lambda bars: [[b.time // 1000, *numbers(b, "lhocv")] for b in bars],
            start="start",
            end="end",
            limit=None,
            read=_iso,
            cap=300,
            default=300,
            newest_first=True,
            refuse=_refuse_coinbase_exchange,
        ),
        ids={"spot": "BTC-USDT"},
        delisted=(404, {"message": "NotFound"}),
    ),
    "kucoin": ExchangeTable(
        Endpoint(
            lambda bars: _kucoin([[str(b.time // 1000), *texts(b, "ochlv"), "1"] for b in bars]),
            start="startAt",
            end="endAt",
            limit=None,
            read=seconds,
            cap=1_500,
            default=1_500,
            end_included=False,
            newest_first=True,
        ),
        Endpoint(
            lambda bars: _kucoin([[b.time, *numbers(b, "ohlcv"), 1] for b in bars]),
            start="from",
            end="to",
            limit=None,
            cap=500,
            default=500,
        ),
        {"spot": "BTC-USDT", "future": "XBTUSDTM"},
        delisted=(200, _kucoin(None, "400100", "symbol not exists")),
        geo=(
            400,
            _kucoin(
                None,
                "400302",
                "Our services are currently unavailable in the U.S. Please use a non-U.S IP address.",
            ),
        ),
        maintenance=(200, _kucoin(None, "503000", "Service unavailable: system upgrading")),
        limited=(429, _kucoin(None, "429000", "Too many requests in a short period of time")),
        oddity="weeks begin on Thursday",
    ),
    "bitget": ExchangeTable(
        _BITGET,
        _BITGET,
        delisted=(
            400,
            {"code": "40034", "msg": "Parameter BTCUSDT does not exist: symbol does not exist", "data": None},
        ),
        maintenance=(200, {"code": "45001", "msg": "System maintenance, try again later"}),
        limited=(429, {"code": "429", "msg": "Too many requests"}),
        oddity="candles older than 90 days come 200 a call",
    ),
    "gate": ExchangeTable(
        Endpoint(
            lambda bars: [[str(b.time // 1000), "1", *texts(b, "chlov"), "true"] for b in bars],
            start="from",
            end="to",
            read=seconds,
            default=1_000,
            refuse=_refuse_gate(1_000),
        ),
        Endpoint(
            lambda bars: [
                {"t": b.time // 1000, "v": int(b.volume), "sum": "1", **named(b, o="o", h="h", l="l", c="c")}
                for b in bars
            ],
            start="from",
            end="to",
            read=seconds,
            cap=2_000,
            default=2_000,
            refuse=_refuse_gate(2_000),
        ),
        {"spot": "BTC_USDT", "future": "BTC_USDT"},
        delisted=(400, {"label": "INVALID_CURRENCY_PAIR", "message": "Invalid currency pair BTC_USDT"}),
        geo=(403, {"label": "FORBIDDEN", "message": "Service is not available in your region"}),
        limited=(429, {"label": "TOO_MANY_REQUESTS", "message": "Request Rate limit Exceeded (311)"}),
        oddity="refuses candles more than 10,000 ago, which is where its history begins",
    ),
    "htx": ExchangeTable(
        Endpoint(
            _htx_rows,
            start="from",
            end="to",
            limit="size",
            read=seconds,
            cap=2_000,
            default=150,
            newest_first=True,
        ),
        Endpoint(_htx_rows, start="from", end="to", limit="size", read=seconds, cap=2_000, default=150),
        {"spot": "btcusdt", "future": "BTC-USDT"},
        delisted=(
            200,
            {
                "status": "error",
                "err-code": "bad-request",
                "err-msg": "invalid symbol",
                "err_code": 1,
                "err_msg": "invalid symbol",
            },
        ),
        maintenance=(
            200,
            {"status": "maintain", "err-code": "system-maintenance", "err-msg": "System maintenance"},
        ),
        oddity="days begin at 16:00 UTC",
    ),
    "hyperliquid": ExchangeTable(
        _HYPERLIQUID,
        _HYPERLIQUID,
        {"spot": "@142", "future": "0"},
        delisted=(500, "Unknown coin: this coin is not listed"),
        oddity="keeps the newest 5,000 candles; weeks begin on Thursday",
    ),
    "bitfinex": ExchangeTable(
        _BITFINEX,
        _BITFINEX,
        {"spot": "tBTCUST", "future": "tBTCF0:USTF0"},
        delisted=(500, ["error", 10020, "symbol: invalid"]),
        maintenance=(503, ["error", 20060, "maintenance"]),
        limited=(429, ["error", 11010, "ratelimit: error"]),
        oddity="has no clock; no row for an hour without trades",
    ),
    "deribit": ExchangeTable(
        _DERIBIT,
        _DERIBIT,
        {"spot": "BTC_USDC", "future": "BTC_USDC-PERPETUAL"},
        delisted=(
            400,
            {"jsonrpc": "2.0", "error": {"message": "instrument_not_found", "code": 13020}, "testnet": False},
        ),
        limited=(
            429,
            {"jsonrpc": "2.0", "error": {"message": "too_many_requests", "code": 10028}, "testnet": False},
        ),
        oddity="wants both ends: with the end alone ccxt sends a start after it",
    ),
    "bitstamp": ExchangeTable(
        Endpoint(
            lambda bars: {
                "data": {
                    "pair": "BTC/USDT",
                    "ohlc": [
                        {
                            "timestamp": str(b.time // 1000),
                            **named(b, open="o", high="h", low="l", close="c", volume="v"),
                        }
                        for b in bars
                    ],
                }
            },
            start="start",
            end="end",
            read=seconds,
            picks="oldest without end",
        ),
        ids={"spot": "btcusdt"},
        delisted=(404, {"code": "404.002", "status": "error", "reason": "Currency pair not found."}),
        oddity="has no clock",
    ),
    "upbit": ExchangeTable(
        Endpoint(
            _upbit_rows,
            start=None,
            end="to",
            limit="count",
            read=_iso,
            cap=200,
            default=1,
            end_included=False,
            newest_first=True,
        ),
        ids={"spot": "USDT-BTC"},
        delisted=(404, {"error": {"name": 404, "message": "Code not found: market is not listed"}}),
        limited=(429, {"name": "too_many_requests"}),
        oddity="has no clock; 200 candles a call",
    ),
    "cryptocom": ExchangeTable(
        _CRYPTOCOM,
        _CRYPTOCOM,
        {"spot": "BTC_USDT", "future": "BTCUSD-PERP"},
        delisted=(400, {"id": -1, "code": 40004, "message": "Invalid instrument_name"}),
        oddity="has no clock; its end is excluded",
    ),
    "phemex": ExchangeTable(
        Endpoint(
            _phemex_spot_rows,
            start=None,
            end=None,
            default=1_000,
            newest_first=True,
            refuse=_refuse_phemex,
            retention=1_000,
        ),
        Endpoint(
            _phemex_rows,
            start="from",
            end="to",
            limit="limit",
            read=seconds,
            cap=2_000,
            default=2_000,
            end_included=False,
            picks="oldest with start",
            newest_first=True,
            refuse=_refuse_phemex,
        ),
        {"spot": "sBTCUSDT", "future": "BTCUSDT"},
        delisted=(200, {"code": 6001, "msg": "invalid symbol", "data": None}),
        oddity="has no clock; spot allows 5, 10, 50, 100, 500 or 1,000 candles a call, and no older ones",
    ),
    "gemini": ExchangeTable(
        Endpoint(
            lambda bars: [[b.time, *numbers(b, "ohlcv")] for b in bars],
            start=None,
            end=None,
            limit=None,
            cap=1_460,
            default=1_460,
            newest_first=True,
            retention=1_460,
        ),
        delisted=(
            400,
            {"result": "error", "reason": "InvalidSymbol", "message": "Symbol 'BTCUSDT' is not supported"},
        ),
        oddity="has no clock; always sends its newest 1,460 candles",
    ),
    "bitvavo": ExchangeTable(
        Endpoint(
            lambda bars: [[b.time, *texts(b, "ohlcv")] for b in bars],
            start="start",
            end="end",
            cap=1_440,
            default=1_440,
            newest_first=True,
        ),
        ids={"spot": "BTC-USDT"},
        delisted=(400, {"errorCode": 205, "error": "market parameter is invalid."}),
        banned=(403, {"errorCode": 105, "error": "Your IP has been banned until {until_ms}."}),
    ),
    "krakenfutures": ExchangeTable(
        future=Endpoint(
            lambda bars: {
                "candles": [
                    {
                        "time": b.time,
                        **named(b, open="o", high="h", low="l", close="c"),
                        "volume": int(b.volume),
                    }
                    for b in bars
                ],
                "more_candles": False,
            },
            start="from",
            end="to",
            limit=None,
            read=seconds,
            cap=2_000,
            default=2_000,
            picks="oldest with start",
        ),
        ids={"future": "PF_XBTUSD"},
        delisted=(404, {"errors": [{"message": "Market not found", "code": 404}]}),
        oddity="has no clock; counts from the start",
    ),
    "poloniex": ExchangeTable(
        Endpoint(_poloniex_rows, cap=500, default=100, picks="oldest with start"),
        Endpoint(
            _poloniex_future_rows, start="sTime", end="eTime", cap=500, default=100, picks="oldest with start"
        ),
        {"spot": "BTC_USDT", "future": "BTC_USDT_PERP"},
        delisted=(400, {"code": 21311, "message": "Invalid symbol or symbol not supported"}),
    ),
    "lbank": ExchangeTable(
        Endpoint(
            lambda bars: {
                "result": "true",
                "data": [[b.time // 1000, *numbers(b, "ohlcv")] for b in bars],
                "error_code": 0,
                "ts": 0,
            },
            start="time",
            end=None,
            limit="size",
            read=seconds,
            cap=2_000,
            default=100,
            picks="oldest with start",
        ),
        ids={"spot": "btc_usdt"},
        delisted=(
            200,
            {
                "result": "false",
                "error_code": 10008,
                "msg": "currency pair nonsupport: pair not found",
                "ts": 0,
            },
        ),
        oddity="counts from a start that it needs",
    ),
    "whitebit": ExchangeTable(
        _WHITEBIT,
        _WHITEBIT,
        {"spot": "BTC_USDT", "future": "BTC_PERP"},
        delisted=(422, {"success": False, "message": {"market": ["Market is not available"]}, "result": []}),
    ),
    "bingx": ExchangeTable(
        Endpoint(
            lambda bars: {
                "code": 0,
                "timestamp": 0,
                "data": [[b.time, *numbers(b, "ohlcv"), b.time + HOUR - 1, 1] for b in bars],
            },
            cap=1_440,
            newest_first=True,
        ),
        Endpoint(
            lambda bars: {
                "code": 0,
                "msg": "",
                "data": [
                    {"time": b.time, **named(b, open="o", close="c", high="h", low="l", volume="v")}
                    for b in bars
                ],
            },
            cap=1_440,
            newest_first=True,
        ),
        {"spot": "BTC-USDT", "future": "BTC-USDT"},
        delisted=(200, {"code": 109425, "msg": "this symbol does not exist", "data": {}}),
        limited=(
            200,
            {"code": 100410, "msg": "rate limited: the request is over the frequency limit", "data": {}},
        ),
    ),
    "dydx": ExchangeTable(
        future=Endpoint(
            _dydx_rows,
            start="fromIso",
            end="toIso",
            limit="limit",
            read=_iso,
            cap=1_000,
            default=100,
            end_included=False,
            newest_first=True,
        ),
        ids={"future": "BTC-USD"},
        delisted=(
            400,
            {
                "errors": [
                    {"msg": "ticker must be a valid ticker (BTC-USD, etc): unknown market", "param": "ticker"}
                ]
            },
        ),
        geo=(
            403,
            {
                "errors": [
                    {"msg": "you appear to be trading from a jurisdiction that violates our terms of use"}
                ]
            },
        ),
    ),
}


CALLS: dict[tuple[str, MarketType], tuple[int, int, int]] = {
    ("binance", "spot"): (2, 2, 2000),
    ("binance", "future"): (2, 2, 2000),
    ("binanceus", "spot"): (2, 2, 2000),
    ("aster", "spot"): (2, 2, 2000),
    ("aster", "future"): (2, 2, 2000),
    ("mexc", "spot"): (4, 4, 2000),
    ("mexc", "future"): (1, 1, 2000),
    ("bybit", "spot"): (2, 2, 2000),
    ("bybit", "future"): (2, 2, 2000),
    ("okx", "spot"): (7, 7, 2000),
    ("okx", "future"): (7, 7, 2000),
    ("kraken", "spot"): (3, 3, 720),
    ("coinbase", "spot"): (8, 7, 2000),
    ("coinbase", "future"): (8, 7, 2000),
    ("coinbaseexchange", "spot"): (8, 7, 2000),
    ("kucoin", "spot"): (3, 2, 2000),
    ("kucoin", "future"): (6, 5, 2000),
    ("bitget", "spot"): (6, 6, 2000),
    ("bitget", "future"): (6, 6, 2000),
    ("gate", "spot"): (2, 2, 2000),
    ("gate", "future"): (2, 2, 2000),
    ("htx", "spot"): (2, 2, 2000),
    ("htx", "future"): (3, 2, 2000),
    ("hyperliquid", "spot"): (1, 1, 2000),
    ("hyperliquid", "future"): (1, 1, 2000),
    ("bitfinex", "spot"): (1, 1, 2000),
    ("bitfinex", "future"): (1, 1, 2000),
    ("deribit", "spot"): (2, 2, 2000),
    ("deribit", "future"): (2, 2, 2000),
    ("bitstamp", "spot"): (2, 2, 2000),
    ("upbit", "spot"): (11, 10, 2000),
    ("cryptocom", "spot"): (7, 7, 2000),
    ("cryptocom", "future"): (7, 7, 2000),
    ("phemex", "spot"): (3, 3, 1000),
    ("phemex", "future"): (2, 2, 2000),
    ("gemini", "spot"): (3, 3, 1460),
    ("bitvavo", "spot"): (2, 2, 2000),
    ("krakenfutures", "future"): (1, 1, 2000),
    ("poloniex", "spot"): (4, 4, 2000),
    ("poloniex", "future"): (4, 4, 2000),
    ("lbank", "spot"): (1, 1, 2000),
    ("whitebit", "spot"): (3, 2, 2000),
    ("whitebit", "future"): (3, 2, 2000),
    ("bingx", "spot"): (2, 2, 2000),
    ("bingx", "future"): (2, 2, 2000),
    ("dydx", "future"): (2, 2, 2000),
}
"""Requests for 2,000 hourly candles: the first time, once the paging is known, and how many candles there are."""
