"""Finished rounds, one line of JSON each, so that a stopped run can resume."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.faults.ledger import Ledger


class RoundKey(NamedTuple):
    """The identity of a round."""

    where: str
    fault: str
    round: int
    requests: int

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "RoundKey":
        return cls(*(entry[name] for name in cls._fields))


class ResultsFile:
    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text().splitlines() if file.exists() else []
        self.entries: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def __contains__(self, key: RoundKey) -> bool:
        return any(RoundKey.of(entry) == key for entry in self.entries)

    def add(self, key: RoundKey, ledger: Ledger, commit: str) -> None:
        """Append immediately, so that an interrupted run loses no finished round."""
        new = {**to_entry(key, ledger), "date": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit}
        self.entries.append(new)
        with self._file.open("a") as file:
            file.write(json.dumps(new) + "\n")


def to_entry(key: RoundKey, ledger: Ledger) -> dict[str, Any]:
    written = asdict(ledger) | {"failed": dict(ledger.failed), "progress": list(ledger.progress)}
    return {**key._asdict(), "ledger": written, "violations": ledger.violations}


async def read_commit() -> str:
    """Return the abbreviated commit that is checked out, with a + if files differ from it."""
    process = await asyncio.create_subprocess_exec(
        *("git", "describe", "--always", "--exclude=*", "--dirty=+"), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return output.decode().strip() or "unknown"
