"""Finished rounds, one line of JSON each, so that a stopped run can resume."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.faults.ledger import Ledger


class RoundKey(NamedTuple):
    """The identity of a round."""

    where: str
    fault: str
    round: int
    requests: int


class ResultsFile:
    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text().splitlines() if file.exists() else []
        self.entries: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def __contains__(self, key: RoundKey) -> bool:
        return any(
            all(to_entry[name] == value for name, value in key._asdict().items()) for to_entry in self.entries
        )

    def add(self, key: RoundKey, ledger: Ledger) -> None:
        """Append immediately, so that an interrupted run loses no finished round."""
        new = to_entry(key, ledger)
        self.entries.append(new)
        with self._file.open("a") as file:
            file.write(json.dumps(new) + "\n")


def to_entry(key: RoundKey, ledger: Ledger) -> dict[str, Any]:
    written = asdict(ledger) | {"failed": dict(ledger.failed), "progress": list(ledger.progress)}
    return {**key._asdict(), "ledger": written, "violations": ledger.violations}
