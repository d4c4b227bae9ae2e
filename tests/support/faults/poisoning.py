"""Measures requests among poisoned records: `python -m tests.support.faults.poisoning --requests 5000`.

The same number of requests is published three times on one installation: alone, with a poisoned record in every 50, and
alone again. All must complete, and poison must not make them slower.
"""

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from confluent_kafka import Producer

from schemas.topics import ANALYZER_GROUP, GROUP_TOPICS, REQUESTS, SINK_GROUP
from simulator.listings import SYNTHETIC
from tests.support.databases import fresh_mysql
from tests.support.faults import reading
from tests.support.faults.breakable import run_servers
from tests.support.faults.crew import Role
from tests.support.faults.killing import default_settings
from tests.support.faults.plan import make_markets
from tests.support.faults.poisons import CODECS, RawRecord, make_poisons
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

_log = structlog.get_logger(__name__)

_CREW: dict[Role, int] = {"sink": 1, "analyzer": 2}
_MARKETS = 48
_EXPIRES_AT = "2100-01-01T00:00:00Z"
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of requests: those of `requests` that did not complete, and the seconds until the last did."""

    requests: int
    poisons: int
    open: Sequence[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class PoisonLedger:
    """`unread` counts the records that the groups have not committed in the end; `aborted` ids ran, and must not."""

    alone: Sequence[Passage]
    mixed: Passage
    unread: int
    aborted: Sequence[str]

    @property
    def ratio(self) -> float:
        """The seconds with poison by those without."""
        return self.mixed.seconds / (sum(each.seconds for each in self.alone) / len(self.alone))

    @property
    def violations(self) -> list[str]:
        broken = [
            f"{len(each.open)} of {each.requests} requests did not complete: {', '.join(each.open[:5])}"
            for each in (*self.alone, self.mixed)
            if each.open
        ]
        if self.unread:
            broken.append(f"{self.unread} records are not passed")
        if self.aborted:
            broken.append(f"requests of aborted transactions were answered: {', '.join(self.aborted)}")
        return broken

    def to_text(self) -> str:
        alone = " and ".join(f"{each.seconds:.1f} s" for each in self.alone)
        verdict = "; ".join(self.violations) or "kept"
        return (
            f"{self.mixed.requests} requests: alone {alone}, with {self.mixed.poisons} poisoned records "
            f"{self.mixed.seconds:.1f} s, ratio {self.ratio:.2f}; {verdict}"
        )


class RawProducer:
    """Writes records as librdkafka does, with one producer for each codec and one for transactions."""

    def __init__(self, bootstrap: str) -> None:
        self._producers = {
            codec: Producer({"bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 5})
            for codec in ("none", *CODECS)
        }
        self._transactional = Producer(
            {"bootstrap.servers": bootstrap, "transactional.id": "poison", "linger.ms": 5}
        )
        self._transactional.init_transactions(60)

    def write(self, records: Sequence[RawRecord]) -> None:
        """Write all, and wait until the broker has them."""
        for record in records:
            if record.transaction == "none":
                _produce(self._producers[record.codec], record)
            else:
                self._write_in_transaction(record)
        for producer in self._producers.values():
            assert producer.flush(60) == 0

    def _write_in_transaction(self, record: RawRecord) -> None:
        self._transactional.begin_transaction()
        _produce(self._transactional, record)
        assert self._transactional.flush(60) == 0
        if record.transaction == "committed":
            self._transactional.commit_transaction(60)
        else:
            self._transactional.abort_transaction(60)


def _produce(producer: Producer, record: RawRecord) -> None:
    producer.poll(0)
    while True:
        try:
            producer.produce(record.topic, record.value, record.key, headers=list(record.headers))
        except BufferError:
            producer.poll(0.1)
        else:
            return


async def measure_poisoning(stand: FaultEnvironment, *, requests: int, every: int) -> PoisonLedger:
    """Publish `requests` requests alone, with a poisoned record after every `every`, and alone again."""
    await stand.crew.restore(_CREW)
    producer = await asyncio.to_thread(RawProducer, stand.settings.require_kafka_bootstrap())
    poisons = itertools.cycle(make_poisons("poison-"))
    await _pass(stand, producer, "warm", _MARKETS, lambda _: None)
    first = await _pass(stand, producer, "first", requests, lambda _: None)
    mixed = await _pass(
        stand, producer, "mixed", requests, lambda number: None if number % every else next(poisons)
    )
    second = await _pass(stand, producer, "second", requests, lambda _: None)
    unread = await _count_unread(stand)
    rare = await reading.read_jobs(stand.engine, "poison-")
    return PoisonLedger([first, second], mixed, unread, [name for name in rare if name.endswith("aborted")])


async def _pass(
    stand: FaultEnvironment,
    producer: RawProducer,
    name: str,
    requests: int,
    draw_poison: Callable[[int], RawRecord | None],
) -> Passage:
    """Publish and wait until all requests ended, or the timeout."""
    records: list[RawRecord] = []
    for number in range(requests):
        records.append(_plan_request(f"{name}-{number}", number))
        if (poison := draw_poison(number)) is not None:
            records.append(poison)
    due = [record.request_id for record in records if record.request_id]
    began = time.monotonic()
    await asyncio.to_thread(producer.write, records)
    open_: set[str] = set(due)
    while open_ and time.monotonic() - began < _SECONDS:
        await asyncio.sleep(0.1)
        jobs = await reading.read_jobs(stand.engine, f"{name}-") | await reading.read_jobs(
            stand.engine, "poison-"
        )
        open_ = {each for each in due if each not in jobs or jobs[each].status != "completed"}
    passage = Passage(requests, len(records) - requests, sorted(open_), time.monotonic() - began)
    _log.info("poisoning.passed", name=name, poisons=passage.poisons, seconds=round(passage.seconds, 1))
    return passage


def _plan_request(request_id: str, number: int) -> RawRecord:
    symbols = [listing.symbol for listing in SYNTHETIC if listing.trading]
    markets = make_markets(symbols, _MARKETS)
    market = markets[number % len(markets)]
    body = {**market.model_dump(), "request_id": request_id, "expires_at": _EXPIRES_AT}
    return RawRecord(json.dumps(body).encode(), REQUESTS.name, market.key.encode(), request_id=request_id)


async def _count_unread(stand: FaultEnvironment) -> int:
    """Return the lag of both groups once it is none, or after a while."""
    groups = {group: GROUP_TOPICS[group] for group in (ANALYZER_GROUP, SINK_GROUP)}
    deadline = time.monotonic() + 60.0
    while True:
        lag = await stand.broker.lag(groups, timeout=20.0)
        unread = sum(sum(partitions.values()) for partitions in lag.values())
        if not unread or time.monotonic() > deadline:
            return unread
        await asyncio.sleep(0.5)


async def _run(options: argparse.Namespace, bootstrap: str, database_url: str, logs: Path) -> PoisonLedger:
    async with start_on_kafka(bootstrap, database_url, logs, overrides=default_settings()) as stand:
        return await measure_poisoning(stand, requests=options.requests, every=options.every)


def main() -> int:
    """Return 0 if every request completed and every record was passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000, help="good ones in each pass")
    parser.add_argument("--every", type=int, default=50, help="good ones for each poisoned record")
    options = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="strandline-poisoning-"))
    with ExitStack() as stack:
        servers = stack.enter_context(run_servers())
        url = stack.enter_context(fresh_mysql(servers.mysql.address))
        ledger = asyncio.run(_run(options, servers.kafka.address, url, logs))
    sys.stdout.write(f"{ledger.to_text()}\nlogs: {logs}\n")
    return int(bool(ledger.violations))


if __name__ == "__main__":
    sys.exit(main())
