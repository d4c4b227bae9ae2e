"""Watches in virtual time: whatever is cut, away or killed, each crossing that the candles show is told once."""

from pathlib import Path

import pytest
import structlog

from storage.database import open_database
from storage.migrations import upgrade
from tests.support.faults.rehearsal import Rehearsal, RehearsalSize

_log = structlog.get_logger(__name__)

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]


@pytest.mark.parametrize("seed", [1, 2, 5, 7, 10, 39, 104])
async def test_each_crossing_is_told_once_while_prices_are_cut(tmp_path: Path, seed: int) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/strandline.db"
    await upgrade(url)
    engine = open_database(url)
    try:
        rehearsal = Rehearsal(engine, RehearsalSize(seed=seed))
        ledger = await rehearsal.run()
    finally:
        await engine.dispose()
    _log.info(
        "rehearsal.ledger",
        ledger=ledger.to_text(),
        cuts=rehearsal.cuts,
        slowdowns=rehearsal.slowdowns,
        kills=rehearsal.kills,
    )
    assert rehearsal.cuts > 5
    assert rehearsal.slowdowns > 5
    assert ledger.demanded > 50
    assert ledger.violations == []
    assert ledger.blind_ms > 0
