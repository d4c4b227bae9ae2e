"""A thousand requests among poisoned records of every kind: all complete, and no record is left unread."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from tests.support.faults.breakable import Servers
from tests.support.faults.poisoning import measure_poisoning
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]


@pytest.fixture
async def stand(
    breakable: Servers, breakable_database: str, tmp_path: Path
) -> AsyncIterator[FaultEnvironment]:
    async with start_on_kafka(breakable.kafka.address, breakable_database, tmp_path) as stand:
        yield stand


async def test_requests_complete_among_poisoned_records(stand: FaultEnvironment) -> None:
    ledger = await measure_poisoning(stand, requests=1_200, every=10)
    _log.info("poisoning.ledger", ledger=ledger.to_text())
    assert ledger.violations == []
