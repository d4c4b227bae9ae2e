"""The long ledger: `python -m tests.support.faults.long --requests 20000 --rounds 1`, or `make faults-long`."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from tests.support.faults.catalogue import FAULTS, IN_PROCESS
from tests.support.faults.faults import Fault
from tests.support.faults.kept import KeptStand
from tests.support.faults.results import ResultsFile, RoundKey, read_commit
from tests.support.faults.round import Round, Size
from tests.support.faults.stand import start_in_process
from tests.support.faults.table import to_markdown

_log = structlog.get_logger(__name__)

_MARKETS = 48
_ATTEMPTS = 2
"""Of a round that could not be judged, because a service or this program broke."""


class LongRun:
    """Rounds of every fault on one set of servers and roles, which stay up from round to round."""

    def __init__(self, results: ResultsFile, size: Size, logs: Path, commit: str) -> None:
        self._results = results
        self._size = size
        self._logs = logs
        self._commit = commit
        self._kept = KeptStand(logs)

    async def run(self, keys: list[tuple[RoundKey, Fault]]) -> None:
        """Run those rounds, except finished ones."""
        try:
            for key, fault in keys:
                for _ in range(_ATTEMPTS):
                    if key not in self._results:
                        await self._try_round(key, fault)
        finally:
            await self._kept.close()

    async def _try_round(self, key: RoundKey, fault: Fault) -> None:
        _log.info("round.begins", **key._asdict(), logs=str(self._logs))
        try:
            async with asyncio.timeout(self._size.max_seconds):
                await (self._on_kafka if key.where == "kafka" else self._in_process)(key, fault)
        except Exception:  # noqa: BLE001 - the other rounds continue, on services that are started again
            _log.exception("round.broke", **key._asdict())
            await self._kept.close()

    async def _on_kafka(self, key: RoundKey, fault: Fault) -> None:
        await self._judge(
            key, Round(await self._kept.open(fault), fault, self._size, name=_name(key), seed=key.round)
        )

    async def _in_process(self, key: RoundKey, fault: Fault) -> None:
        with tempfile.TemporaryDirectory(dir=self._logs) as folder:
            async with start_in_process(f"sqlite+aiosqlite:///{folder}/strandline.db", Path(folder)) as stand:
                await self._judge(key, Round(stand, fault, self._size, name=_name(key), seed=key.round))

    async def _judge(self, key: RoundKey, round_: Round) -> None:
        ledger = await round_.run()
        _log.info("round.ended", **key._asdict(), violations=ledger.violations, progress=ledger.progress)
        self._results.add(key, ledger, self._commit)


def _name(key: RoundKey) -> str:
    """Return the beginning of the names of the round's requests."""
    return f"{key.fault}-{key.round}"


def plan_rounds(options: argparse.Namespace) -> list[tuple[RoundKey, Fault]]:
    """Return the rounds to run; those on the same stand follow each other."""
    return [
        (RoundKey(where, fault.name, number, options.requests), fault)
        for where, faults in (("kafka", FAULTS), ("in process", IN_PROCESS))
        for number in range(1, options.rounds + 1)
        for fault in sorted(faults, key=lambda each: repr(each.stand))
        if not options.only or fault.name in options.only
    ]


async def run_all(options: argparse.Namespace, results: ResultsFile) -> None:
    """Run until done; end servers and roles also at SIGTERM."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    size = Size(requests=options.requests, markets=_MARKETS, rate=options.rate)
    logs = Path(tempfile.mkdtemp(prefix="strandline-faults-"))
    await LongRun(results, size, logs, await read_commit()).run(plan_rounds(options))


def main() -> int:
    """Return 0 if every requested round is finished and kept every promise."""
    options = _parse_options()
    results = ResultsFile(options.results)
    asyncio.run(run_all(options, results))
    table = to_markdown(sorted(results.entries, key=_catalogue_order))
    options.results.with_suffix(".md").write_text(table)
    sys.stdout.write(table)
    keys = [key for key, _ in plan_rounds(options)]
    judged = [entry for entry in results.entries if RoundKey.of(entry) in keys]
    return int(len(judged) < len(keys) or any(entry["violations"] for entry in judged))


def _catalogue_order(entry: Mapping[str, Any]) -> tuple[int, int, int]:
    """Sort by the catalogue, also after resumed runs."""
    faults = [("kafka", fault.name) for fault in FAULTS] + [
        ("in process", fault.name) for fault in IN_PROCESS
    ]
    return faults.index((entry["where"], entry["fault"])), entry["requests"], entry["round"]


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=1, help="of each fault, each with its own seed")
    parser.add_argument("--rate", type=float, default=100.0, help="maximum of requests a second")
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
