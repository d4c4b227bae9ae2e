"""A wall clock that is stepped while requests wait: they expire by the new time."""

import asyncio
import json
from datetime import timedelta

import pytest

from broker.ports import Record
from consumers.analyzer.handler import Analyzer
from schemas.topics import FAILURES, REQUESTS
from tests.support.analyzing import RecordingBroker
from tests.support.clock import START, ManualClock
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series


class SteppedClock(ManualClock):
    """`step` moves the wall clock, and nothing else."""

    def step(self, seconds: float) -> None:
        self._start += timedelta(seconds=seconds)


@pytest.mark.parametrize("behind", [0.0, 600.0])
async def test_deadline_follows_a_stepped_clock_within_seconds(behind: float) -> None:
    """The clock steps past the deadline, whether it was right or ten minutes slow before."""
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    clock, broker = SteppedClock(START - timedelta(seconds=behind)), RecordingBroker()
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
    await within(clock.wait_for_sleepers())
    clock.step(behind + 61.0)
    await clock.advance(5.0)
    await within(handling)
    assert [failure["reason"] for failure in broker.payloads(FAILURES.name)] == ["expired"]
