"""The rounds for the in-process broker: a cancelled task takes the place of a killed process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.faults.catalogue import IN_PROCESS
from tests.support.faults.faults import Fault
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import FaultEnvironment, start_in_process

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]

RECOVERY = 180.0  # as on Kafka: three times the limit of the long rounds


@pytest.fixture
async def embedded(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[FaultEnvironment]:
    async with start_in_process(migrated_sqlite_url, tmp_path) as stand:
        yield stand


@pytest.mark.parametrize("fault", IN_PROCESS, ids=lambda fault: fault.name)
async def test_pipeline_loses_nothing_in_one_process(embedded: FaultEnvironment, fault: Fault) -> None:
    ledger = await Round(
        embedded, fault, Size(requests=100), name=fault.name, seed=1, recovery=RECOVERY
    ).run()
    assert ledger.violations == []
