"""A short round of every fault on real Kafka and MySQL, roles as processes of their own: nothing is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from tests.support.containers import Server
from tests.support.faults.catalogue import FAULTS
from tests.support.faults.faults import Fault
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import Stand, on_kafka

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(300)]


@pytest.fixture
async def stand(
    breakable: tuple[Server, Server], breakable_database: str, tmp_path: Path
) -> AsyncIterator[Stand]:
    kafka, mysql = breakable
    async with on_kafka(kafka.address, breakable_database, tmp_path, kafka=kafka, mysql=mysql) as stand:
        yield stand


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nothing_is_lost(stand: Stand, fault: Fault) -> None:
    ledger = await Round(stand, fault, Size(), name=fault.name, seed=1).run()
    _log.info("round.ledger", fault=fault.name, ledger=ledger)
    assert ledger.violations == []
