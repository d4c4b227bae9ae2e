"""A short round of every fault on real Kafka, MySQL and Redis, roles as processes of their own: nothing is lost."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import structlog

from tests.support.faults.breakable import Servers
from tests.support.faults.catalogue import FAULTS
from tests.support.faults.faults import Fault
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import FaultEnvironment, start_on_kafka
from tests.support.faults.wall import SteppedClock

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]

RECOVERY = 180.0
"""Three times what the long ledger is held to: this one is run beside other things."""


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.name)
def fault(request: pytest.FixtureRequest) -> Fault:
    chosen: Fault = request.param
    return chosen


@pytest.fixture
async def stand(
    fault: Fault,
    breakable: Servers,
    breakable_database: str,
    own_wall: Callable[[], SteppedClock],
    tmp_path: Path,
) -> AsyncIterator[FaultEnvironment]:
    owned = breakable.owned(own_wall() if "wall" in fault.breaks else None)
    address = breakable.kafka.address
    async with start_on_kafka(
        address, breakable_database, tmp_path, owned=owned, bans_past=fault.bans_past
    ) as stand:
        yield stand


async def test_nothing_is_lost(stand: FaultEnvironment, fault: Fault) -> None:
    ledger = await Round(stand, fault, Size(), name=fault.name, seed=1, recovery=RECOVERY).run()
    _log.info("round.ledger", fault=fault.name, ledger=ledger)
    assert ledger.violations == []
