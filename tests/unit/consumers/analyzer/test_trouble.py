"""What becomes of requests while an exchange is in trouble, and of those that can never be answered."""

import asyncio
from typing import Any

import pytest

from consumers.analyzer.breaker import FAILURES_TO_OPEN
from exchanges.ports import OverBudget, Series
from runtime.errors import Permanent, Transient
from schemas.market import Market
from tests.support.analyzing import Desk, answered_while_time_passes
from tests.support.clock import START
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series


async def test_exchange_trouble_is_retried() -> None:
    desk = Desk(ScriptedSource(Transient("502"), Transient("502"), series()))
    await answered_while_time_passes(desk, {"symbol": "BTCUSDT", "request_id": "a"})
    assert [result["request_ids"] for result in desk.results] == [["a"]]
    assert len(desk.source.calls) == 3


async def test_each_request_expires_at_its_own_time_and_the_rest_go_on_waiting() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    desk = Desk(source)
    soon = START.replace(minute=1).isoformat()
    late = START.replace(minute=30).isoformat()
    handling = asyncio.create_task(
        desk.handle(
            {"symbol": "BTCUSDT", "request_id": "hasty", "expires_at": soon},
            {"symbol": "BTCUSDT", "request_id": "patient", "expires_at": late},
        )
    )
    await within(source.asked.wait())
    await within(desk.clock.asleep())
    await desk.clock.advance(61)
    assert [(failure["request_ids"], failure["reason"]) for failure in desk.failures] == [
        (["hasty"], "expired")
    ]
    source.gate.set()
    await within(handling)
    assert [result["request_ids"] for result in desk.results] == [["patient"]]
    assert len(source.calls) == 1


async def test_a_request_joins_the_fetch_that_is_under_way() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    desk = Desk(source)
    first = asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    await within(source.asked.wait())
    second = asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": "b"}))
    await within(desk.clock.asleep())
    source.gate.set()
    await within(asyncio.gather(first, second))
    assert [result["request_ids"] for result in desk.results] == [["a", "b"]]
    assert len(source.calls) == 1


async def test_a_hasty_request_behind_a_patient_one_expires_at_its_own_time() -> None:
    source = ScriptedSource(Transient("down"))
    desk = Desk(source)
    patient = asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": "patient"}))
    await within(source.asked.wait())
    soon = START.replace(minute=1).isoformat()
    others = [
        {"symbol": "BTCUSDT", "request_id": "equal", "expires_at": soon},
        {"symbol": "BTCUSDT", "request_id": "other", "expires_at": soon, "limit": 3_000},
    ]
    hasty = asyncio.create_task(desk.handle(*others))
    for _ in range(100):
        await asyncio.sleep(0)
    await desk.clock.advance(61)
    await within(hasty)
    assert sorted(failure["request_ids"][0] for failure in desk.failures) == ["equal", "other"]
    assert not patient.done()
    patient.cancel()
    await asyncio.wait({patient})


async def test_a_market_in_trouble_holds_up_no_other() -> None:
    class HalfDown(ScriptedSource):
        async def candles(self, market: Market, limit: int) -> Series:
            if market.symbol.startswith("DOWN"):
                self.asked.set()
                raise Transient("down")
            return await super().candles(market, limit)

    source = HalfDown()
    desk = Desk(source, concurrency=1)
    stuck = [
        asyncio.create_task(desk.handle({"symbol": f"DOWN{n}", "request_id": f"d{n}"})) for n in range(3)
    ]
    await within(source.asked.wait())
    await within(desk.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    assert [result["request_ids"] for result in desk.results] == [["a"]]
    for task in stuck:
        task.cancel()
    await asyncio.wait(stuck)


async def test_an_exchange_that_is_down_is_probed_by_one_and_not_hammered_by_all() -> None:
    source = ScriptedSource(Transient("down"))
    desk = Desk(source)
    requests = [
        asyncio.create_task(desk.handle({"symbol": f"COIN{n}", "request_id": f"r{n}"})) for n in range(20)
    ]
    await within(desk.clock.asleep(40))
    asked = len(source.calls)
    assert asked == FAILURES_TO_OPEN
    for _ in range(30):
        await desk.clock.advance(1.0)
    assert len(source.calls) - asked <= 5
    for request in requests:
        request.cancel()
    await asyncio.wait(requests)


async def test_what_the_exchange_never_answered_closes_no_breaker() -> None:
    class NoSuchSymbol(ScriptedSource):
        async def candles(self, market: Market, limit: int) -> Series:
            self.calls.append((market.key, limit))
            if market.symbol == "NOSUCH":
                raise Permanent("unknown_symbol", "not listed")
            raise Transient("down")

    source = NoSuchSymbol()
    desk = Desk(source)
    requests = []
    for n in range(FAILURES_TO_OPEN + 3):
        requests.append(asyncio.create_task(desk.handle({"symbol": f"COIN{n}", "request_id": f"r{n}"})))
        await within(desk.clock.asleep(2 * len(requests)))
        await within(
            desk.handle({"symbol": "NOSUCH", "request_id": f"n{n}"})
        ) if n < FAILURES_TO_OPEN - 1 else None
    assert sum(key != "binance:spot:NOSUCH:1h" for key, _ in source.calls) == FAILURES_TO_OPEN
    for request in requests:
        request.cancel()
    await asyncio.wait(requests)


async def test_a_spent_budget_opens_no_breaker() -> None:
    source = ScriptedSource(OverBudget("not for another 2 s", retry_after=2.0))
    desk = Desk(source)
    requests = [
        asyncio.create_task(desk.handle({"symbol": f"COIN{n}", "request_id": f"r{n}"})) for n in range(20)
    ]
    await within(desk.clock.asleep(40))
    assert len(source.calls) == 20
    for request in requests:
        request.cancel()
    await asyncio.wait(requests)


async def test_giving_up_ends_the_fetch_that_nobody_waits_for() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    desk = Desk(source)
    handling = asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    await within(source.asked.wait())
    before = asyncio.all_tasks()
    handling.cancel()
    await asyncio.wait({handling})
    assert handling.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()} < before
    assert desk.broker.messages == []


async def test_an_exchange_that_asks_for_more_patience_than_there_is_ends_the_request() -> None:
    desk = Desk(ScriptedSource(Transient("banned", retry_after=7_200)))
    await within(desk.handle({"symbol": "BTCUSDT", "request_id": "a"}))
    (failure,) = desk.failures
    assert failure["reason"] == "expired"
    assert "banned" in failure["message"]


async def test_an_outage_that_outlives_a_request_is_told_with_the_exchanges_last_word() -> None:
    desk = Desk(ScriptedSource(Transient("the exchange answers 503")))
    await answered_while_time_passes(desk, {"symbol": "BTCUSDT", "timeframe": "1m", "request_id": "a"})
    (failure,) = desk.failures
    assert (failure["reason"], failure["request_ids"]) == ("expired", ["a"])
    assert "the exchange answers 503" in failure["message"]
    assert failure["attempts"] == len(desk.source.calls) > 1


async def test_a_request_whose_time_has_passed_costs_no_fetch() -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a", "expires_at": "2020-01-01T00:00:00Z"})
    assert [failure["reason"] for failure in desk.failures] == ["expired"]
    assert desk.source.calls == []


@pytest.mark.parametrize("reason", ["unknown_symbol", "unknown_exchange", "bad_timeframe", "too_few_candles"])
async def test_permanent_trouble_fails_at_once_with_its_reason(reason: Any) -> None:
    desk = Desk(ScriptedSource(Permanent(reason, "there is no such thing")))
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a"})
    (failure,) = desk.failures
    assert (failure["reason"], failure["message"]) == (reason, "there is no such thing")
    assert failure["market"]["symbol"] == "BTCUSDT"


async def test_too_few_candles_is_told() -> None:
    desk = Desk(ScriptedSource(series(3)))
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a"})
    assert [failure["reason"] for failure in desk.failures] == ["too_few_candles"]


async def test_params_that_nobody_knows_are_refused_by_name_and_cost_no_fetch() -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a", "params": {"colour": 3}})
    (failure,) = desk.failures
    assert failure["reason"] == "invalid_request"
    assert "colour" in failure["message"]
    assert desk.source.calls == []


async def test_a_bug_of_ours_ends_its_request_and_no_other() -> None:
    desk = Desk(ScriptedSource(RuntimeError("password=hunter2"), series()))
    await desk.handle(
        {"symbol": "BTCUSDT", "request_id": "a"}, {"symbol": "BTCUSDT", "request_id": "b", "limit": 3_000}
    )
    (failure,) = desk.failures
    assert (failure["reason"], failure["request_ids"]) == ("internal", ["a"])
    assert "hunter2" not in failure["message"]
    assert [result["request_ids"] for result in desk.results] == [["b"]]
