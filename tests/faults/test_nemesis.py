"""A short round of every fault on real Kafka, MySQL and Redis, with roles as processes: nothing is lost.

Roles stay up from round to round, as in the long ledger; after a round that fails, the next one starts others.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import structlog

from tests.support.faults.breakable import Servers
from tests.support.faults.catalogue import FAULTS
from tests.support.faults.faults import Fault
from tests.support.faults.kept import KeptStand
from tests.support.faults.ledger import Ledger
from tests.support.faults.round import Round, Size
from tests.support.services import Services

_log = structlog.get_logger(__name__)

pytestmark = [
    pytest.mark.nemesis,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="module"),
]

RECOVERY = 180.0
"""Three times the limit of the long rounds: these rounds share their machine."""

MAX_SECONDS = 30.0
SHORT = sorted(
    (fault for fault in FAULTS if fault.seconds <= MAX_SECONDS and not fault.stand.cluster),
    key=lambda fault: repr(fault.stand),
)
"""Those on the same stand follow each other. The others, and those of a cluster, are in the long ledger."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(breakable: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KeptStand]:
    kept = KeptStand(tmp_path_factory.mktemp("nemesis"), breakable)
    try:
        yield kept
    finally:
        await kept.close()


async def run_round(kept: KeptStand, fault: Fault) -> Ledger:
    """Run a round; close the stand unless every promise was kept."""
    is_clean = False
    try:
        stand = await kept.open(fault)
        ledger = await Round(stand, fault, Size(), name=fault.name, seed=1, recovery=RECOVERY).run()
        _log.info("round.ledger", fault=fault.name, ledger=ledger)
        is_clean = not ledger.violations
        return ledger
    finally:
        if not is_clean:
            await kept.close()


@pytest.mark.parametrize("fault", SHORT, ids=lambda fault: fault.name)
async def test_pipeline_loses_nothing_on_kafka(kept: KeptStand, services: Services, fault: Fault) -> None:
    try:
        ledger = await run_round(kept, fault)
    except FileNotFoundError as error:
        services.report_absent("faketime", str(error))
    assert ledger.violations == []
