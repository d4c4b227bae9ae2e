"""Creates ccxt exchange objects from the settings."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import ccxt.async_support as ccxt

from exchanges.ccxt.instrumentation import RateLimitHook, install_response_checks
from exchanges.rate_limit.binance_weights import BinanceRequestWeights
from exchanges.rate_limit.limiter import RateLimiter
from exchanges.rate_limit.weights import CcxtRequestWeights, RequestWeights
from runtime.errors import Permanent
from runtime.settings import Settings
from schemas.market import SIMULATED

_SPOT_AND_LINEAR: dict[str, dict[str, Any]] = {
    "binance": {"fetchMarkets": {"types": ["spot", "linear"]}},
    "bybit": {"fetchMarkets": {"types": ["spot", "linear"]}},
}
"""Options of exchanges that would otherwise load kinds of markets that are never requested."""

_PAGE_SIZES = {
    ("binance", "future"): 1_000,
    ("bitget", "spot"): 1_000,
    ("bitget", "future"): 1_000,
    ("deribit", "spot"): 5_000,
    ("deribit", "future"): 5_000,
    ("gemini", "spot"): 1_460,
    ("gemini", "future"): 1_460,
    ("htx", "spot"): 2_000,
    ("mexc", "spot"): 500,
    ("gate", "future"): 1_999,
}
"""Where an endpoint gives more or less than ccxt declares.

Binance's futures serve 1,500, ccxt asks for up to 1,000, and declares 500, which costs the same weight as 1,000.
"""

_STREAM_CHUNKS = {"binance": 100}
"""Symbols of one call of `watch_tickers`: on Binance each call gets a connection, which carries 200."""

_DEFAULT_CHUNK = 10
"""Where calls share a connection, and what one may subscribe to at once is short: 10 on Bybit's spot market."""

_DEFAULT_PAGE = 200
"""For exchanges that declare no page size: few allow less."""


def ccxt_id(exchange: str, settings: Settings) -> str:
    """Return the name of the ccxt class for an exchange of the allow-list. Raises Permanent("unknown_exchange")."""
    if exchange not in settings.exchanges:
        allowed = ", ".join(settings.exchanges)
        raise Permanent(
            "unknown_exchange", f"exchange {exchange!r} is none of {allowed} (STRANDLINE_EXCHANGES)"
        )
    if exchange == SIMULATED:  # Binance's ccxt class, at the simulator's address
        if SIMULATED not in settings.exchange_urls:
            advice = 'STRANDLINE_EXCHANGE_URLS={"sim": "http://127.0.0.1:PORT"}'
            raise Permanent("unknown_exchange", f"the simulated exchange needs an address: {advice}")
        return "binance"
    if exchange not in ccxt.exchanges:
        raise Permanent(
            "unknown_exchange",
            f"exchange {exchange!r} is in STRANDLINE_EXCHANGES, but ccxt does not support it",
        )
    return exchange


def known_exchanges() -> Sequence[str]:
    """Return the names of all exchanges that ccxt supports."""
    names: Sequence[str] = ccxt.exchanges
    return names


def open_exchange(
    exchange: str, settings: Settings, limiter: RateLimiter, observe_date: Callable[[int], None]
) -> Any:
    """Return a new ccxt object without API keys whose calls go through `limiter`; the caller closes it.

    `observe_date` receives the time (ms) of each answer's Date header.

    Raises Permanent("unknown_exchange").
    """
    kind = ccxt_id(exchange, settings)
    opened = _create_exchange(getattr(ccxt, kind), exchange, settings)
    hook = RateLimitHook(_limiter_key(exchange, settings), _choose_weights(kind, opened), limiter)
    hook.install(opened)
    install_response_checks(exchange, opened, hook, observe_date)
    return opened


def open_stream(
    exchange: str, settings: Settings, markets: Sequence[Mapping[str, Any]], what: str = "watchTickers"
) -> Any:
    """Return ccxt's websocket client for `markets` (ccxt's own entries, of one type) only; None where it has none.

    `what`: the capability, in ccxt's words, without which it is of no use.

    Of one type, because Binance uses the same stream names for spot and future: the listed markets decide which is
    meant. It makes no REST calls, and so needs no limiter. Raises Permanent("unknown_exchange").
    """
    # Imported here: only processes that stream prices pay for loading it.
    import ccxt.pro as streaming  # noqa: PLC0415

    kind = getattr(streaming, ccxt_id(exchange, settings), None)
    if kind is None:
        return None
    opened = _create_exchange(kind, exchange, settings)
    if not opened.has.get(what):
        return None
    opened.set_markets(list(markets))
    return opened


def _create_exchange(kind: Any, exchange: str, settings: Settings) -> Any:
    base = settings.exchange_urls.get(exchange)
    config: dict[str, Any] = {
        "enableRateLimit": False,  # see RateLimitHook
        "timeout": int(settings.exchange_timeout * 1000),
        "aiohttp_trust_env": base is None or not _is_loopback(base.host),
        "options": _SPOT_AND_LINEAR.get(kind.__name__, {}),
    }
    opened = kind(config)
    if base is not None:
        if base.scheme == "http":
            # ccxt waits on exit for TLS connections to close; here are none.
            opened.timeout_on_exit = 0
        opened.urls["api"] = replace_base_url(opened.urls["api"], str(base))
    return opened


def _choose_weights(kind: str, opened: Any) -> RequestWeights:
    if kind == "binance":
        return BinanceRequestWeights()
    return CcxtRequestWeights(float(opened.rateLimit), opened.calculate_rate_limiter_cost)


def _limiter_key(exchange: str, settings: Settings) -> str:
    """Return the bucket name: calls through a proxy, or to a simulator, do not spend this address's budget."""
    base = settings.exchange_urls.get(exchange)
    return exchange if base is None else f"{exchange}@{base.host}:{base.port}"


def page_size(opened: Any, kind: str, market_type: str) -> int:
    """Return how many candles one call may ask for."""
    if (kind, market_type) in _PAGE_SIZES:
        return _PAGE_SIZES[kind, market_type]
    of = ("spot", None) if market_type == "spot" else ("swap", "linear")
    declared = opened.feature_value_by_type(*of, "fetchOHLCV", "limit")
    return int(declared) if declared else _DEFAULT_PAGE


def stream_chunk(opened: Any) -> int:
    """Return how many symbols one call of `watch_tickers` may name."""
    return _STREAM_CHUNKS.get(opened.id, _DEFAULT_CHUNK)


async def fetch_latest_prices(opened: Any, names: Sequence[str]) -> Any:
    """Return ccxt's last prices or tickers of the markets `names` (of one type), in the lightest single call.

    Raises Permanent where it has neither.
    """
    if opened.has.get("fetchLastPrices"):
        return await opened.fetch_last_prices(names)
    if opened.has.get("fetchTickers"):
        return await opened.fetch_tickers(names)
    raise Permanent("internal", f"ccxt cannot fetch prices of several markets in one call from {opened.id}")


def replace_base_url(urls: Any, base: str) -> Any:
    """Return `urls` (a URL, or dicts of them) with scheme and host of `base`; paths stay, after the path of `base`."""
    if isinstance(urls, Mapping):
        return {name: replace_base_url(leaf, base) for name, leaf in urls.items()}
    if not isinstance(urls, str):
        return urls
    target, leaf = urlsplit(base), urlsplit(urls)
    scheme = target.scheme
    if leaf.scheme in {"ws", "wss"}:
        scheme = "ws" if target.scheme == "http" else "wss"
    return urlunsplit((scheme, target.netloc, target.path.rstrip("/") + leaf.path, leaf.query, ""))


async def close_exchange(opened: Any, timeout: float) -> None:
    """Close its connections; give up after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        await opened.close()


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False
