"""Generates the JSON Schemas, the AsyncAPI document and the tables of docs/events.md from the code.

python -m schemas.contracts.generate [--check]
python -m schemas.contracts.generate --topic-prefix PREFIX   # prints the AsyncAPI document with STRANDLINE_TOPIC_PREFIX
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.contracts.asyncapi import build_asyncapi
from schemas.contracts.events import EVENTS, build_json_schema
from schemas.contracts.field_tables import collect_schemas, fill_field_tables
from schemas.contracts.yaml import to_yaml

FOLDER = Path(__file__).parent
_GUIDE = "../../docs/events.md"


def build_documents() -> dict[str, str]:
    """Return every generated file: name -> content."""
    schemas = {event.title: build_json_schema(event) for event in EVENTS}
    events = {f"{event.name}.json": to_json(schemas[event.title]) for event in EVENTS}
    guide = (FOLDER / _GUIDE).read_text(encoding="utf-8")
    return events | {
        "asyncapi.yaml": to_yaml(build_asyncapi()),
        _GUIDE: fill_field_tables(guide, collect_schemas(schemas)),
    }


def to_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def update_files(documents: Mapping[str, str], *, check: bool, folder: Path = FOLDER) -> list[str]:
    """Write the files that differ, or with `check` nothing. Returns the names of those that differ."""
    stale = [name for name, content in documents.items() if _differs(folder / name, content)]
    if not check:
        for name in stale:
            (folder / name).write_text(documents[name], encoding="utf-8")
    return stale


def run_generator(documents: Mapping[str, str], folder: Path = FOLDER) -> int:
    """Run a generator's command line. Returns its exit code."""
    parser = argparse.ArgumentParser(description="Write the generated files.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    check = parser.parse_args().check
    stale = update_files(documents, check=check, folder=folder)
    if stale and check:
        sys.stderr.write(f"{', '.join(stale)} is stale: run `make contracts`\n")
        return 1
    return 0


def main() -> int:
    """Write the generated files, or print the AsyncAPI document of an installation with a prefix."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--topic-prefix")
    prefix = parser.parse_known_args()[0].topic_prefix
    if prefix is None:
        return run_generator(build_documents())
    sys.stdout.write(to_yaml(build_asyncapi(prefix)))
    return 0


def _differs(path: Path, content: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != content


if __name__ == "__main__":
    sys.exit(main())
