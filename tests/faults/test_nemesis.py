"""A short round of every fault on real Kafka, MySQL and Redis, with roles as processes: nothing is lost."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import structlog

from tests.support.faults.breakable import Servers
from tests.support.faults.catalogue import FAULTS
from tests.support.faults.faults import Fault
from tests.support.faults.names import ServiceNames
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import FaultEnvironment, start_on_kafka
from tests.support.faults.wall import SteppedClock

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]

RECOVERY = 180.0
"""Three times the limit of the long rounds: these rounds share their machine."""


SHORT = [fault for fault in FAULTS if not fault.stand.cluster]
"""A cluster takes minutes to start: its faults are in the long ledger."""


@pytest.fixture(params=SHORT, ids=lambda fault: fault.name)
def fault(request: pytest.FixtureRequest) -> Fault:
    chosen: Fault = request.param
    return chosen


@pytest.fixture
async def stand(
    fault: Fault,
    breakable: Servers,
    breakable_database: str,
    make_stepped_clock: Callable[[], SteppedClock],
    tmp_path: Path,
) -> AsyncIterator[FaultEnvironment]:
    owned = breakable.owned(
        make_stepped_clock() if fault.stand.own_clock else None,
        ServiceNames(tmp_path / "names") if fault.stand.own_names else None,
    )
    address = breakable.kafka.address
    async with start_on_kafka(
        address, breakable_database, tmp_path, owned=owned, bans_past=fault.bans_past
    ) as stand:
        yield stand


async def test_pipeline_loses_nothing_on_kafka(stand: FaultEnvironment, fault: Fault) -> None:
    ledger = await Round(stand, fault, Size(), name=fault.name, seed=1, recovery=RECOVERY).run()
    _log.info("round.ledger", fault=fault.name, ledger=ledger)
    assert ledger.violations == []
