"""Compares the contracts with those of the last release: events only gain optional fields, calls break no caller.

python -m schemas.contracts.compatibility [--release]

A reader of today validates the events of yesterday, which stay on the topics, and a reader of yesterday those of today.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.contracts.generate import FOLDER
from schemas.contracts.openapi_changes import find_broken_calls
from schemas.contracts.schema_changes import Direction, Pair, find_breaking_changes

RELEASED = FOLDER / "released"
OPENAPI = "openapi.json"
_ACCEPTED = "accepted.txt"
_EVENTS = "*.v*.json"
_HEADER = "# Deliberate breaks since that release, a line of the check each, without its advice.\n"
_ADVICE = "add an optional field, or a new version; or accept it in released/accepted.txt and name it in CHANGELOG.md"


def check_contracts(present: Path = FOLDER, released: Path = RELEASED) -> list[str]:
    """Return what is wrong with the present contracts, a line each; empty if nothing."""
    changes = list(_compare_folders(present, released))
    accepted = _read_accepted(released / _ACCEPTED)
    return [
        *_compare_versions(_read(present / OPENAPI), _read(released / OPENAPI)),
        *(f"{change}: {_ADVICE}" for change in changes if change not in accepted),
        *(
            f"released/{_ACCEPTED} accepts what is no change, remove it: {line}"
            for line in accepted - set(changes)
        ),
    ]


def keep_release(present: Path = FOLDER, released: Path = RELEASED) -> None:
    """Replace the contracts of the last release by the present ones, which break nothing from then on."""
    shutil.rmtree(released, ignore_errors=True)
    released.mkdir()
    for path in (*present.glob(_EVENTS), present / OPENAPI):
        shutil.copy(path, released)
    (released / _ACCEPTED).write_text(_HEADER, encoding="utf-8")


def _compare_folders(present: Path, released: Path) -> Iterator[str]:
    for path in sorted(released.glob(_EVENTS)):
        if (present / path.name).exists():
            yield from compare_events(_read(path), _read(present / path.name))
        else:
            yield f"{path.name}: the schema is gone"
    yield from find_broken_calls(_read(released / OPENAPI), _read(present / OPENAPI))


def compare_events(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what a program that relies on the schema `old` would notice in `new`, a line each. Pure."""
    return find_breaking_changes(Pair(old, new, old, new, old["title"]), Direction.EVENT)


def _compare_versions(present: Mapping[str, Any], released: Mapping[str, Any]) -> Iterator[str]:
    now, then = present["info"]["version"], released["info"]["version"]
    if now != then:
        yield f"the version is {now}, and released/ has the contracts of {then}: run `make release-contracts`"


def _read_accepted(path: Path) -> set[str]:
    lines: Iterable[str] = path.read_text(encoding="utf-8").splitlines() if path.exists() else ()
    return {line for line in lines if line and not line.startswith("#")}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> int:
    """Run the command line. Returns its exit code."""
    parser = argparse.ArgumentParser(description="Compare the contracts with those of the last release.")
    parser.add_argument(
        "--release", action="store_true", help="keep the present ones as those of the release"
    )
    if parser.parse_args().release:
        keep_release()
        return 0
    errors = check_contracts()
    for error in errors:
        sys.stderr.write(f"{error}\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
