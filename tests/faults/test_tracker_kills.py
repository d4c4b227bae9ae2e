"""Short rounds of trackers that are killed at random moments: the topic gives the published levels."""

import os
from pathlib import Path

import pytest

from tests.support.faults.breakable import Servers
from tests.support.faults.stand import start_on_kafka
from tests.support.faults.tracking import run_embedded, run_on_kafka

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]
KILLS = 3
FOLDER = os.environ.get("STRANDLINE_TEST_DATA")


@pytest.mark.skipif(not FOLDER, reason="STRANDLINE_TEST_DATA names no folder of recorded candles")
async def test_killed_tracker_loses_and_doubles_no_event(
    breakable: Servers, breakable_database: str, tmp_path: Path
) -> None:
    async with start_on_kafka(breakable.kafka.address, breakable_database, tmp_path) as stand:
        ledger = await run_on_kafka(stand, Path(FOLDER or ""), kills=KILLS, candles=100)
    assert ledger.kills == KILLS
    assert ledger.violations == []


async def test_killed_pipeline_in_one_process_loses_and_doubles_no_event(tmp_path: Path) -> None:
    ledger = await run_embedded(tmp_path, kills=KILLS)
    assert ledger.kills == KILLS
    assert ledger.violations == []
