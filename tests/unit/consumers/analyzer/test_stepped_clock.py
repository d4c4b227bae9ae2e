"""A wall clock that is stepped while requests wait: they expire by what it says then."""

import asyncio
import json
from datetime import timedelta

import pytest

from broker.ports import Record
from consumers.analyzer.handler import Analyzer
from schemas.topics import FAILURES, REQUESTS
from tests.support.analyzing import RememberingBroker
from tests.support.clock import START, ManualClock
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series


class SteppedClock(ManualClock):
    """`step` moves the wall, and nothing else."""

    def step(self, seconds: float) -> None:
        self._start += timedelta(seconds=seconds)


@pytest.mark.parametrize("behind", [0.0, 600.0])
async def test_a_step_is_noticed_within_seconds(behind: float) -> None:
    """Ahead, past its time, whether the clock was right before or behind: nobody waits for what he slept for."""
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    clock, broker = SteppedClock(START - timedelta(seconds=behind)), RememberingBroker()
    analyzer = Analyzer(
        broker=broker,  # type: ignore[arg-type]  # only publishing is needed of it
        source=source,
        clock=clock,
        exchange="binance",
        concurrency=1,
    )
    body = {"symbol": "BTCUSDT", "expires_at": (START + timedelta(seconds=60)).isoformat()}
    record = Record(REQUESTS.name, 0, 0, None, json.dumps(body).encode(), (), 0)
    handling = asyncio.create_task(analyzer.handle([analyzer.decode(record)]))
    await within(source.asked.wait())
    await within(clock.asleep())
    clock.step(behind + 61.0)
    await clock.advance(5.0)
    await within(handling)
    assert [failure["reason"] for failure in broker.payloads(FAILURES.name)] == ["expired"]
