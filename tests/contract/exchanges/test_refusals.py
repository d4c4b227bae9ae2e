"""Refusals of every exchange in the tables, in its own words: what is raised, at once or to be retried.

All situations of an exchange share a client: opening one costs more than the calls.
"""

import pytest

from runtime.errors import Permanent, StrandlineError, Transient
from schemas.market import MarketType
from tests.contract.exchanges.bench import Bench, open_bench
from tests.contract.exchanges.endpoints import Refusal
from tests.contract.exchanges.test_history import every_exchange


async def refuse(bench: Bench, refusal: Refusal) -> StrandlineError:
    """Return what 2,000 candles raise while everything is answered with `refusal`."""
    bench.refusal, bench.calls, bench.limiter.blocked = refusal, 0, []
    with pytest.raises(StrandlineError) as raised:
        await bench.candles()
    return raised.value


@every_exchange
async def test_refusal_in_the_words_of_the_exchange_is_understood(
    exchange: str, market_type: MarketType
) -> None:
    async with open_bench(exchange, market_type) as bench:
        await bench.candles(10)
        delisted = await refuse(bench, bench.table.delisted)
        assert isinstance(delisted, Permanent), delisted
        assert delisted.reason == "unknown_symbol", delisted
        for location in (bench.table.geo, (451, {"message": "Unavailable For Legal Reasons"})):
            blocked = await refuse(bench, location)
            assert isinstance(blocked, Permanent), blocked
            assert "STRANDLINE_EXCHANGE_URLS" in str(blocked)
            assert bench.calls == 1
        for maintenance in (
            bench.table.maintenance,
            (200, {}),
            (200, {"status": "maintain", "message": "maintenance"}),
        ):
            assert isinstance(await refuse(bench, maintenance), Transient)


@every_exchange
async def test_refusal_for_the_rate_blocks_calls_for_as_long_as_it_states(
    exchange: str, market_type: MarketType
) -> None:
    async with open_bench(exchange, market_type) as bench:
        await bench.candles(10)
        limited = await refuse(bench, bench.table.limited)
        assert isinstance(limited, Transient), limited
        assert limited.retry_after
        assert bench.limiter.blocked == [pytest.approx(limited.retry_after, abs=2)]
        banned = await refuse(bench, bench.table.banned)
        assert isinstance(banned, Transient), banned
        # Kraken's words name no time.
        assert (banned.retry_after or 0) > (0 if exchange == "kraken" else 100)
        assert bench.limiter.blocked


@every_exchange
async def test_refusal_without_words_is_unknown_symbol_once_the_market_list_lacks_it(
    exchange: str, market_type: MarketType
) -> None:
    async with open_bench(exchange, market_type) as bench:
        await bench.candles(10)
        bench.listed = False
        bench.source._client(exchange)._loaded_at = -3_600.0
        error = await refuse(bench, (400, {"code": 1, "message": "?"}))
    assert isinstance(error, Permanent), error
    assert error.reason == "unknown_symbol"
