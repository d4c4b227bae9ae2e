"""The long ledger: `python -m tests.support.faults.long --requests 20000 --rounds 1`, or `make faults-long`."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import structlog

from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import Owned, Servers, run_servers
from tests.support.faults.catalogue import FAULTS, IN_PROCESS
from tests.support.faults.faults import Fault
from tests.support.faults.results import ResultsFile, RoundKey
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import start_in_process, start_on_kafka
from tests.support.faults.table import to_markdown
from tests.support.faults.wall import SteppedClock, find_faketime

_log = structlog.get_logger(__name__)

_MARKETS = 48


class LongRun:
    """Rounds of every fault on one set of servers, started when first needed."""

    def __init__(
        self, stack: ExitStack, results: ResultsFile, requests: int, logs: Path, only: Sequence[str]
    ) -> None:
        self._stack = stack
        self._results = results
        self._size = Size(requests=requests, markets=_MARKETS)
        self._logs = logs
        self._only = only
        self._servers: Servers | None = None

    async def rounds(self, number: int) -> None:
        """Run round `number` of every fault; skip finished rounds."""
        for where, faults in (("kafka", FAULTS), ("in process", IN_PROCESS)):
            for fault in faults:
                key = RoundKey(where, fault.name, number, self._size.requests)
                wanted = not self._only or fault.name in self._only
                if wanted and key not in self._results:
                    await self._round(key, fault)

    async def _round(self, key: RoundKey, fault: Fault) -> None:
        name = f"{fault.name}-{key.round}"
        logs = self._logs / f"{key.where.replace(' ', '-')}-{name}"
        logs.mkdir()
        _log.info("round.begins", **key._asdict(), logs=str(logs))
        try:
            await (self._on_kafka if key.where == "kafka" else self._in_process)(key, fault, name, logs)
        except Exception:  # noqa: BLE001 - the other rounds continue; this one is repeated by the next run
            _log.exception("round.broke", **key._asdict())

    async def _on_kafka(self, key: RoundKey, fault: Fault, name: str, logs: Path) -> None:
        if self._servers is None:
            self._servers = self._stack.enter_context(run_servers())
        owned, address = self._owned(fault, logs), self._servers.kafka.address
        with fresh_mysql(self._servers.mysql.address) as url:
            async with start_on_kafka(address, url, logs, owned=owned, bans_past=fault.bans_past) as stand:
                self._results.add(key, await Round(stand, fault, self._size, name=name, seed=key.round).run())

    def _owned(self, fault: Fault, logs: Path) -> Owned:
        """Raises FileNotFoundError if a stepped clock is needed and libfaketime is not installed."""
        assert self._servers is not None
        if "wall" not in fault.breaks:
            return self._servers.owned()
        if (library := find_faketime()) is None:
            raise FileNotFoundError("libfaketimeMT.so.1: apt-get install faketime")
        return self._servers.owned(SteppedClock(library, logs / "wall"))

    async def _in_process(self, key: RoundKey, fault: Fault, name: str, logs: Path) -> None:
        async with start_in_process(f"sqlite+aiosqlite:///{logs / 'strandline.db'}", logs) as stand:
            self._results.add(key, await Round(stand, fault, self._size, name=name, seed=key.round).run())


def main() -> int:
    """Return 0 if every requested round is finished and kept every promise."""
    options = _parse_options()
    results = ResultsFile(options.results)
    logs = Path(tempfile.mkdtemp(prefix="strandline-faults-"))
    with ExitStack() as stack:
        run = LongRun(stack, results, options.requests, logs, options.only)
        for number in range(1, options.rounds + 1):
            asyncio.run(run.rounds(number))
    wanted = sorted(
        (each for each in results.entries if each["requests"] == options.requests), key=_catalogue_order
    )
    table = to_markdown(wanted)
    options.results.with_suffix(".md").write_text(table)
    sys.stdout.write(table)
    asked = [fault for fault in (*FAULTS, *IN_PROCESS) if not options.only or fault.name in options.only]
    finished = len(wanted) >= options.rounds * len(asked)
    return int(not finished or any(each["violations"] for each in wanted))


def _catalogue_order(entry: Mapping[str, Any]) -> tuple[int, int]:
    """Sort by the catalogue, also after resumed runs."""
    faults = [("kafka", fault.name) for fault in FAULTS] + [
        ("in process", fault.name) for fault in IN_PROCESS
    ]
    return faults.index((entry["where"], entry["fault"])), entry["round"]


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=1, help="of each fault, each with its own seed")
    names = sorted({fault.name for fault in (*FAULTS, *IN_PROCESS)})
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        choices=names,
        metavar="FAULT",
        help="run these faults only",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(".data/faults.jsonl"),
        help="file of finished rounds; the table is written beside it",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
