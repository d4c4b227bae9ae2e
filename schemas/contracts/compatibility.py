"""Compares the JSON Schemas with those of the last release: within a version an event may only gain optional fields.

python -m schemas.contracts.compatibility [--release VERSION]

A reader of today validates the events of yesterday, which stay on the topics, and a reader of yesterday those of today.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.contracts.generate import FOLDER

RELEASED = FOLDER / "released"
_CONSTRAINTS = (
    "type",
    "const",
    "enum",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "additionalProperties",
)

Schema = Mapping[str, Any]


def find_breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return what a program that relies on `old` would notice in `new`, a line each; empty if nothing."""
    return sorted(set(_compare(old, new, old, new, old["title"], ())))


def _compare(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str, above: tuple[str, ...]
) -> Iterator[str]:
    reference = old.get("$ref")
    if reference is not None and reference in above:
        return
    above = (*above, reference) if reference else above
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    yield from _compare_constraints(old, new, path)
    yield from _compare_fields(old, new, old_root, new_root, path, above)
    yield from _compare_alternatives(old, new, old_root, new_root, path, above)
    if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
        yield from _compare(old["items"], new["items"], old_root, new_root, f"{path}[]", above)


def _resolve(schema: Schema, root: Schema) -> Schema:
    """Return the schema that a reference names, with what stands beside the reference."""
    if "$ref" not in schema:
        return schema
    target: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return {**target, **{name: value for name, value in schema.items() if name != "$ref"}}


def _compare_constraints(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for name in _CONSTRAINTS:
        if old.get(name) != new.get(name):
            if name == "enum" and _is_grown(old.get(name), new.get(name), old, new):
                continue
            yield f"{path}: {name} was {old.get(name)!r} and is {new.get(name)!r}"


def _is_grown(old: Any, new: Any, old_schema: Schema, new_schema: Schema) -> bool:
    """Return whether a set gained values, of which its description has always warned."""
    may_grow = "may grow" in old_schema.get("description", "") and "may grow" in new_schema.get(
        "description", ""
    )
    return may_grow and isinstance(old, list) and isinstance(new, list) and set(old) <= set(new)


def _compare_fields(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str, above: tuple[str, ...]
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield f"{path}.{name}: the field is gone"
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{path}.{name}: the field is required and was not, so events of before do not pass"
    for name in set(old.get("required", ())) - set(new.get("required", ())):
        yield f"{path}.{name}: the field was always there and is optional now"
    for name in before.keys() & after.keys():
        yield from _compare(before[name], after[name], old_root, new_root, f"{path}.{name}", above)


def _compare_alternatives(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str, above: tuple[str, ...]
) -> Iterator[str]:
    before, after = old.get("anyOf", []), new.get("anyOf", [])
    if len(before) != len(after):
        yield f"{path}: had {len(before)} alternatives and has {len(after)}"
        return
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        yield from _compare(one, other, old_root, new_root, f"{path}|{number}", above)


def latest_release(folder: Path = RELEASED) -> Path | None:
    """Return the folder of the newest release, by version; None before the first one."""
    versions = [one for one in folder.iterdir() if one.is_dir()] if folder.exists() else []
    return max(versions, key=lambda one: tuple(map(int, one.name.split("."))), default=None)


def check_folder(present: Path, released: Path) -> list[str]:
    """Return the breaking changes of all schemas of a release; one that is gone is one."""
    changes: list[str] = []
    for path in sorted(released.glob("*.json")):
        old = json.loads(path.read_text(encoding="utf-8"))
        if not (present / path.name).exists():
            changes.append(f"{path.name}: the schema is gone")
            continue
        changes += find_breaking_changes(old, json.loads((present / path.name).read_text(encoding="utf-8")))
    return changes


def keep_release(version: str, present: Path = FOLDER, folder: Path = RELEASED) -> None:
    """Copy the present schemas, so that later ones are compared with them."""
    target = folder / version
    target.mkdir(parents=True)
    for path in present.glob("*.v*.json"):
        shutil.copy(path, target)


def main() -> int:
    """Run the command line. Returns its exit code."""
    parser = argparse.ArgumentParser(
        description="Compare the schemas of events with those of the last release."
    )
    parser.add_argument("--release", metavar="VERSION", help="keep the present schemas as those of VERSION")
    if version := parser.parse_args().release:
        keep_release(version)
        return 0
    released = latest_release()
    changes = check_folder(FOLDER, released) if released else []
    for change in changes:
        sys.stderr.write(f"{change}: add an optional field, or a new version of the event\n")
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
