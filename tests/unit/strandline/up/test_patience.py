"""Work at the start of `up` is retried while its failures are transient, and the user sees why it takes long."""

import asyncio
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from runtime.errors import ConfigurationError, Transient
from strandline.up.patience import Patience
from tests.support.clock import ManualClock
from tests.support.deadlines import within


async def test_patience_retries_transient_failures_and_shows_them() -> None:
    clock, shown = ManualClock(), list[str]()
    locked = OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))
    failures: list[Exception] = [locked, TimeoutError(), Transient("Kafka is away")]

    async def work() -> str:
        if failures:
            raise failures.pop(0)
        return "done"

    waiting = asyncio.create_task(Patience(shown.append, clock).wait_for(work))
    for _ in range(3):
        await clock.wait_for_sleepers()
        await clock.advance(10)
    assert await within(waiting) == "done"
    assert ["locked" in shown[0], "no answer in time" in shown[1], "Kafka is away" in shown[2]] == [True] * 3


async def test_patience_raises_what_no_retry_resolves() -> None:
    async def work() -> None:
        raise ConfigurationError("a setting is wrong")

    with pytest.raises(ConfigurationError):
        await Patience(print, ManualClock()).wait_for(work)
