"""ccxt objects follow the settings: names of the allow-list, configured addresses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from exchanges.ccxt.factory import ccxt_id, close_exchange, open_exchange, page_size, replace_base_url
from exchanges.rate_limit.limiter import open_limiter
from runtime.clock import SystemClock
from runtime.errors import Permanent
from runtime.settings import Settings

SETTINGS = Settings.load(
    exchanges=("binance", "bybit", "okx", "sim", "nosuch"), exchange_urls={"sim": "http://127.0.0.1:9"}
)


@pytest.fixture
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    exchange = open_exchange(request.param, SETTINGS, open_limiter(SETTINGS, SystemClock()), lambda _: None)
    try:
        yield exchange
    finally:
        await close_exchange(exchange, 5)


@pytest.mark.parametrize("name", ["kraken", "__init__", "Exchange", "", "nosuch"])
def test_factory_refuses_exchanges_off_the_list(name: str) -> None:
    with pytest.raises(Permanent) as refused:
        ccxt_id(name, SETTINGS)
    assert refused.value.reason == "unknown_exchange"


def test_factory_requires_an_address_for_sim() -> None:
    assert ccxt_id("sim", SETTINGS) == "binance"
    with pytest.raises(Permanent, match="STRANDLINE_EXCHANGE_URLS"):
        ccxt_id("sim", Settings.load(exchanges=("sim",)))


@pytest.mark.parametrize("opened", ["sim"], indirect=True)
async def test_factory_replaces_every_address_of_sim(opened: Any) -> None:
    assert set(opened.urls["api"].values()) >= {"http://127.0.0.1:9/api/v3", "http://127.0.0.1:9/fapi/v1"}
    assert all(url.startswith("http://127.0.0.1:9/") for url in opened.urls["api"].values())
    assert not opened.aiohttp_trust_env
    assert opened.apiKey in {None, ""}
    assert not opened.enableRateLimit


def test_base_url_replaces_scheme_and_host_and_keeps_paths() -> None:
    urls = {
        "public": "https://api.{hostname}/v5",
        "deep": {"spot": "https://x.example/a/b?c=d"},
        "none": None,
    }
    assert replace_base_url(urls, "http://127.0.0.1:8080/") == {
        "public": "http://127.0.0.1:8080/v5",
        "deep": {"spot": "http://127.0.0.1:8080/a/b?c=d"},
        "none": None,
    }
    assert (
        replace_base_url("https://api.example/v3", "https://proxy.example/binance/")
        == "https://proxy.example/binance/v3"
    )


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://127.0.0.1:8900", "ws://127.0.0.1:8900/ws"),
        ("https://proxy.example/x", "wss://proxy.example/x/ws"),
    ],
)
def test_base_url_keeps_websocket_schemes(base: str, expected: str) -> None:
    assert replace_base_url({"ws": {"spot": "wss://stream.example:9443/ws"}}, base) == {
        "ws": {"spot": expected}
    }


@pytest.mark.parametrize(
    ("opened", "market_type", "size"),
    [
        ("binance", "spot", 1_000),
        ("binance", "future", 1_000),
        ("bybit", "spot", 1_000),
        ("bybit", "future", 1_000),
        ("okx", "spot", 300),
        ("okx", "future", 300),
    ],
    indirect=["opened"],
)
async def test_page_size_is_what_the_exchange_allows(opened: Any, market_type: str, size: int) -> None:
    assert page_size(opened, opened.id, market_type) == size
