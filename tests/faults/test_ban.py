"""Four analyzers behind one address, with more requests than the exchange allows, with Redis and without."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.containers import Server
from tests.support.faults.breakable import Servers
from tests.support.faults.faults import Fault
from tests.support.faults.redis_faults import remove_redis
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(900)]

LIMIT = 800
"""Weight a minute. 48 markets, requested again as soon as an answer is 5 s old, would take 1,150."""
AWAY_SECONDS = 25.0
RECOVERY = 180.0  # after Redis is back a probe waits behind all calls that the budget delays
FAULT = Fault(
    "ban",
    remove_redis(Server.kill, Server.start, AWAY_SECONDS),
    AWAY_SECONDS,
    frozenset({"redis"}),
    bans_past=LIMIT,
)
EVERYTHING = Size(requests=600, markets=48, analyzers=4)


@pytest.fixture
async def stand(
    breakable: Servers, breakable_database: str, tmp_path: Path
) -> AsyncIterator[FaultEnvironment]:
    address, owned = breakable.kafka.address, breakable.owned()
    async with start_on_kafka(address, breakable_database, tmp_path, owned=owned, bans_past=LIMIT) as stand:
        yield stand


async def test_exchange_budget_keeps_four_analyzers_from_a_ban(stand: FaultEnvironment) -> None:
    """The ledger lists a 429 or 418 as `rate_limited`."""
    ledger = await Round(stand, FAULT, EVERYTHING, name="ban", seed=1, recovery=RECOVERY).run()
    assert ledger.violations == []
    weights: Counter[int] = Counter()
    for call in await stand.exchange.calls():
        weights[call["time_ms"] // 60_000] += call["weight"]
    assert max(weights.values()) > LIMIT / 3, "the load never came near the limit"
