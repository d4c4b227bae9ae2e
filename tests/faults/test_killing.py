"""Roles with default settings that are killed every few seconds: requests are answered while the killing goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from tests.support.faults.breakable import Servers
from tests.support.faults.killing import default_settings, measure_waits
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]


@pytest.fixture
async def stand(
    breakable: Servers, breakable_database: str, tmp_path: Path
) -> AsyncIterator[FaultEnvironment]:
    async with start_on_kafka(
        breakable.kafka.address, breakable_database, tmp_path, overrides=default_settings()
    ) as stand:
        yield stand


async def test_requests_are_answered_while_roles_are_killed(stand: FaultEnvironment) -> None:
    waits = await measure_waits(stand, seconds=30.0, every=6.0)
    _log.info("killing.waits", waits=waits.to_text())
    assert waits.kills > 2
    assert waits.unanswered == 0
