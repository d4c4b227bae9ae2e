"""Requests while an exchange fails, and requests that can have no result."""

import asyncio
from typing import Any

import pytest

from consumers.analyzer.breaker import FAILURES_TO_OPEN
from exchanges.ports import BudgetExceeded, Series
from runtime.errors import Permanent, Transient
from schemas.market import Market
from tests.support.analyzing import AnalyzerBench, handle_while_time_passes
from tests.support.clock import START
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series


async def test_fetch_retries_exchange_errors() -> None:
    bench = AnalyzerBench(ScriptedSource(Transient("502"), Transient("502"), series()))
    await handle_while_time_passes(bench, {"symbol": "BTCUSDT", "request_id": "a"})
    assert [result["request_ids"] for result in bench.results] == [["a"]]
    assert len(bench.source.calls) == 3


async def test_request_expires_at_its_own_time_and_the_others_wait_on() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    soon = START.replace(minute=1).isoformat()
    late = START.replace(minute=30).isoformat()
    handling = asyncio.create_task(
        bench.handle(
            {"symbol": "BTCUSDT", "request_id": "hasty", "expires_at": soon},
            {"symbol": "BTCUSDT", "request_id": "patient", "expires_at": late},
        )
    )
    await within(source.asked.wait())
    await within(bench.clock.wait_for_sleepers())
    await bench.clock.advance(61)
    assert [(failure["request_ids"], failure["reason"]) for failure in bench.failures] == [
        (["hasty"], "expired")
    ]
    source.gate.set()
    await within(handling)
    assert [result["request_ids"] for result in bench.results] == [["patient"]]
    assert len(source.calls) == 1


async def test_request_joins_the_fetch_under_way() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    first = asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    await within(source.asked.wait())
    second = asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": "b"}))
    await within(bench.clock.wait_for_sleepers())
    source.gate.set()
    await within(asyncio.gather(first, second))
    assert [result["request_ids"] for result in bench.results] == [["a", "b"]]
    assert len(source.calls) == 1


async def test_request_behind_another_group_expires_at_its_own_time() -> None:
    source = ScriptedSource(Transient("down"))
    bench = AnalyzerBench(source)
    patient = asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": "patient"}))
    await within(source.asked.wait())
    soon = START.replace(minute=1).isoformat()
    others = [
        {"symbol": "BTCUSDT", "request_id": "equal", "expires_at": soon},
        {"symbol": "BTCUSDT", "request_id": "other", "expires_at": soon, "limit": 3_000},
    ]
    hasty = asyncio.create_task(bench.handle(*others))
    for _ in range(100):
        await asyncio.sleep(0)
    await bench.clock.advance(61)
    await within(hasty)
    assert sorted(failure["request_ids"][0] for failure in bench.failures) == ["equal", "other"]
    assert not patient.done()
    patient.cancel()
    await asyncio.wait({patient})


async def test_failing_market_does_not_delay_another() -> None:
    class HalfDown(ScriptedSource):
        async def candles(self, market: Market, limit: int) -> Series:
            if market.symbol.startswith("DOWN"):
                self.asked.set()
                raise Transient("down")
            return await super().candles(market, limit)

    source = HalfDown()
    bench = AnalyzerBench(source, concurrency=1)
    stuck = [
        asyncio.create_task(bench.handle({"symbol": f"DOWN{n}", "request_id": f"d{n}"})) for n in range(3)
    ]
    await within(source.asked.wait())
    await within(bench.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    assert [result["request_ids"] for result in bench.results] == [["a"]]
    for task in stuck:
        task.cancel()
    await asyncio.wait(stuck)


async def test_open_breaker_lets_single_probes_through() -> None:
    source = ScriptedSource(Transient("down"))
    bench = AnalyzerBench(source)
    requests = [
        asyncio.create_task(bench.handle({"symbol": f"COIN{n}", "request_id": f"r{n}"})) for n in range(20)
    ]
    await within(bench.clock.wait_for_sleepers(40))
    asked = len(source.calls)
    assert asked == FAILURES_TO_OPEN
    for _ in range(30):
        await bench.clock.advance(1.0)
    assert len(source.calls) - asked <= 5
    for request in requests:
        request.cancel()
    await asyncio.wait(requests)


async def test_permanent_error_does_not_close_the_breaker() -> None:
    class NoSuchSymbol(ScriptedSource):
        async def candles(self, market: Market, limit: int) -> Series:
            self.calls.append((market.key, limit))
            if market.symbol == "NOSUCH":
                raise Permanent("unknown_symbol", "not listed")
            raise Transient("down")

    source = NoSuchSymbol()
    bench = AnalyzerBench(source)
    requests = []
    for n in range(FAILURES_TO_OPEN + 3):
        requests.append(asyncio.create_task(bench.handle({"symbol": f"COIN{n}", "request_id": f"r{n}"})))
        await within(bench.clock.wait_for_sleepers(2 * len(requests)))
        await within(
            bench.handle({"symbol": "NOSUCH", "request_id": f"n{n}"})
        ) if n < FAILURES_TO_OPEN - 1 else None
    assert sum(key != "binance:spot:NOSUCH:1h" for key, _ in source.calls) == FAILURES_TO_OPEN
    for request in requests:
        request.cancel()
    await asyncio.wait(requests)


async def test_spent_budget_does_not_open_the_breaker() -> None:
    source = ScriptedSource(BudgetExceeded("not for another 2 s", retry_after=2.0))
    bench = AnalyzerBench(source)
    requests = [
        asyncio.create_task(bench.handle({"symbol": f"COIN{n}", "request_id": f"r{n}"})) for n in range(20)
    ]
    await within(bench.clock.wait_for_sleepers(40))
    assert len(source.calls) == 20
    for request in requests:
        request.cancel()
    await asyncio.wait(requests)


async def test_cancelled_request_cancels_its_fetch() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    handling = asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    await within(source.asked.wait())
    before = asyncio.all_tasks()
    handling.cancel()
    await asyncio.wait({handling})
    assert handling.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()} < before
    assert bench.broker.messages == []


async def test_request_expires_at_once_when_the_exchange_asks_for_a_longer_pause() -> None:
    bench = AnalyzerBench(ScriptedSource(Transient("banned", retry_after=7_200)))
    await within(bench.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    (failure,) = bench.failures
    assert failure["reason"] == "expired"
    assert "banned" in failure["message"]


async def test_expired_request_reports_the_last_error_of_the_exchange() -> None:
    bench = AnalyzerBench(ScriptedSource(Transient("the exchange answers 503")))
    await handle_while_time_passes(bench, {"symbol": "BTCUSDT", "timeframe": "1m", "request_id": "a"})
    (failure,) = bench.failures
    assert (failure["reason"], failure["request_ids"]) == ("expired", ["a"])
    assert "the exchange answers 503" in failure["message"]
    assert failure["attempts"] == len(bench.source.calls) > 1


async def test_overdue_request_costs_no_fetch() -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a", "expires_at": "2020-01-01T00:00:00Z"})
    assert [failure["reason"] for failure in bench.failures] == ["expired"]
    assert bench.source.calls == []


@pytest.mark.parametrize("reason", ["unknown_symbol", "unknown_exchange", "bad_timeframe", "too_few_candles"])
async def test_permanent_error_fails_the_request_with_its_reason(reason: Any) -> None:
    bench = AnalyzerBench(ScriptedSource(Permanent(reason, "there is no such thing")))
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a"})
    (failure,) = bench.failures
    assert (failure["reason"], failure["message"]) == (reason, "there is no such thing")
    assert failure["market"]["symbol"] == "BTCUSDT"


async def test_request_with_too_few_candles_fails() -> None:
    bench = AnalyzerBench(ScriptedSource(series(3)))
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a"})
    assert [failure["reason"] for failure in bench.failures] == ["too_few_candles"]


async def test_unknown_params_fail_by_name_and_cost_no_fetch() -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a", "params": {"colour": 3}})
    (failure,) = bench.failures
    assert failure["reason"] == "invalid_request"
    assert "colour" in failure["message"]
    assert bench.source.calls == []


async def test_bug_in_an_analysis_fails_its_request_and_no_other() -> None:
    bench = AnalyzerBench(ScriptedSource(RuntimeError("password=hunter2"), series()))
    await bench.handle(
        {"symbol": "BTCUSDT", "request_id": "a"}, {"symbol": "BTCUSDT", "request_id": "b", "limit": 3_000}
    )
    (failure,) = bench.failures
    assert (failure["reason"], failure["request_ids"]) == ("internal", ["a"])
    assert "hunter2" not in failure["message"]
    assert [result["request_ids"] for result in bench.results] == [["b"]]
