"""A short round of every fault on real Kafka and MySQL, roles as processes of their own: nothing is lost."""

import pytest
import structlog

from tests.support.faults.catalogue import FAULTS
from tests.support.faults.faults import Fault
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import Stand

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(300)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nothing_is_lost(stand: Stand, fault: Fault) -> None:
    ledger = await Round(stand, fault, Size(), name=fault.name, seed=1).run()
    _log.info("round.ledger", ledger=ledger)
    assert ledger.violations == []
