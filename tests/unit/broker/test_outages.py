"""How long work took while nothing outside was in the way."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.outages import Outages, WorkStart, overrun
from broker.ports import Message
from broker.publish_retry import publish_until_acknowledged
from runtime.errors import Transient
from schemas.topics import Topic
from tests.support.clock import START, ManualClock
from tests.support.deadlines import within
from tests.support.flaky import FlakyBroker


@given(st.lists(st.tuples(st.sampled_from(["enter", "leave"]), st.floats(0, 1_000)), max_size=30))
def test_working_seconds_exclude_outages(steps: list[tuple[str, float]]) -> None:
    clock = ManualClock()
    outages, expected = Outages(clock), 0.0
    waiting = []
    for step, seconds in steps:
        if step == "enter":
            waiting.append(outages.waiting())
            waiting[-1].__enter__()
        elif waiting:
            waiting.pop().__exit__(None, None, None)
        clock._elapsed += seconds
        expected += 0.0 if waiting else seconds
        assert outages.working_seconds() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("worked", "waits", "beyond"),
    [(10.0, None, 10.0), (10.0, 60, -50.0), (70.0, 60, 10.0), (10.0, -60, 10.0)],
)
def test_overrun_starts_at_a_future_deadline(worked: float, waits: float | None, beyond: float) -> None:
    deadline = None if waits is None else START + timedelta(seconds=waits)
    assert overrun(WorkStart(5.0, START), 5.0 + worked, deadline) == beyond


async def test_working_seconds_exclude_retried_publishing() -> None:
    clock, broker = ManualClock(), FlakyBroker()
    await broker.create_topics([Topic("t")], partitions=1, replication=1)
    broker.publishes.extend([Transient("away"), Transient("away"), None])
    outages = Outages(clock)
    sending = asyncio.create_task(
        publish_until_acknowledged(broker, Message("t", None, b"v"), clock, outages=outages, draw=lambda: 0.5)
    )
    for _ in range(2):
        await within(clock.wait_for_sleepers())
        await clock.advance(100.0)
    await within(sending)
    assert outages.working_seconds() == 0.0
    await clock.advance(1.0)
    assert outages.working_seconds() == 1.0
