"""Measures requests while roles are killed: `python -m tests.support.faults.killing --seconds 180 --every 6`.

A role of an ordinary installation, with its default settings, is killed at random every few seconds and started again
at once, as a supervisor does. Probes measure the time from a request to its row.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from runtime.settings import Settings
from runtime.tasks import cancel_and_wait, task_error
from simulator.listings import SYNTHETIC
from tests.support.databases import fresh_mysql
from tests.support.faults import reading
from tests.support.faults.breakable import run_servers
from tests.support.faults.crew import Role
from tests.support.faults.doors import TopicChannel
from tests.support.faults.driver import RequestSender
from tests.support.faults.plan import PlannedRequest, make_markets
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

_CREW: dict[Role, int] = {"sink": 2, "analyzer": 2}
_MARKETS = 24
_PROBE_SECONDS = 2.0
_ANSWER_SECONDS = 120.0
_DEFAULTS = ("session_timeout", "publish_timeout", "exchange_timeout", "drain_timeout")


@dataclass(slots=True)
class Waits:
    """Seconds from request to row of each probe that was answered, and the number of those that were not."""

    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0
    kills: int = 0

    def to_text(self) -> str:
        asked = len(self.seconds) + self.unanswered
        p50, p90, slowest = (_quantile(self.seconds, share) for share in (0.5, 0.9, 1.0))
        return (
            f"{self.kills} kills, {asked} requests, {self.unanswered} unanswered after {_ANSWER_SECONDS:.0f} s; "
            f"request to row: p50 {p50:.1f} s, p90 {p90:.1f} s, slowest {slowest:.1f} s"
        )


def default_settings() -> dict[str, object]:
    """Return the product's defaults of the settings that other rounds shorten."""
    return {name: Settings.model_fields[name].default for name in _DEFAULTS}


async def measure_waits(stand: FaultEnvironment, *, seconds: float, every: float, seed: int = 1) -> Waits:
    """Kill a role every `every` seconds for `seconds`, and measure all requests that are published in that time."""
    waits, chance = Waits(), Random(seed)
    await stand.crew.restore(_CREW)
    await _probe(stand, Waits(), chance, "first")
    killing = asyncio.create_task(_keep_killing(stand, chance, every, waits))
    try:
        async with asyncio.TaskGroup() as probes:
            for number in range(round(seconds / _PROBE_SECONDS)):
                probes.create_task(_probe(stand, waits, chance, str(number)))
                await asyncio.sleep(_PROBE_SECONDS)
    finally:
        await cancel_and_wait(killing)
    if error := task_error(killing):
        raise error
    return waits


async def _keep_killing(stand: FaultEnvironment, chance: Random, every: float, waits: Waits) -> None:
    """Kill for ever, also while the last probes wait: an end of the killing would answer them."""
    while True:
        await asyncio.sleep(every)
        role = chance.choice(stand.crew.workers).role
        await stand.crew.kill(chance.choice(stand.crew.of(role)))
        await stand.crew.start(role)
        waits.kills += 1


async def _probe(stand: FaultEnvironment, waits: Waits, chance: Random, name: str) -> None:
    symbols = [listing.symbol for listing in SYNTHETIC if listing.trading]
    ask = PlannedRequest(f"killing-{name}.", "probe", chance.choice(make_markets(symbols, _MARKETS)))
    began = time.monotonic()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await RequestSender(TopicChannel(stand.broker)).publish(ask)
            while not await reading.count_ended(stand.engine, ask.name):  # noqa: ASYNC110 - the table has no event
                await asyncio.sleep(0.1)
    except TimeoutError:
        waits.unanswered += 1
    else:
        waits.seconds.append(time.monotonic() - began)


def _quantile(values: Sequence[float], share: float) -> float:
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _run(options: argparse.Namespace, bootstrap: str, database_url: str, logs: Path) -> Waits:
    overrides = default_settings()
    if options.session is not None:
        overrides["session_timeout"] = options.session
    async with start_on_kafka(bootstrap, database_url, logs, overrides=overrides) as stand:
        return await measure_waits(stand, seconds=options.seconds, every=options.every)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="how long requests are published")
    parser.add_argument("--every", type=float, default=6.0, help="seconds between two kills")
    parser.add_argument("--session", type=float, help="another session timeout than the default")
    options = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="strandline-killing-"))
    with ExitStack() as stack:
        servers = stack.enter_context(run_servers())
        url = stack.enter_context(fresh_mysql(servers.mysql.address))
        waits = asyncio.run(_run(options, servers.kafka.address, url, logs))
    sys.stdout.write(f"{waits.to_text()}\nlogs: {logs}\n")
    return int(bool(waits.unanswered))


if __name__ == "__main__":
    sys.exit(main())
