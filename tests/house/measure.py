"""Measure the rooms: names, prose, lines and modules. Reads files, decides nothing."""

import ast
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.names import is_participle_named, iter_function_names
from tests.house.prose import DIALECT, iter_docstrings, split_words

ROOMS = (
    "api",
    "broker",
    "consumers",
    "exchanges",
    "levels",
    "producers",
    "runtime",
    "schemas",
    "simulator",
    "storage",
    "strandline",
)
_UNNAMED = frozenset(("versions",))
"""Folders whose files are numbered: migrations are named by what they do to the tables, in order."""


@dataclass(slots=True)
class Room:
    """What was counted in one room. `participles` and `dialect` hold what was found, with where."""

    name: str
    lines: int = 0
    functions: int = 0
    words: int = 0
    participles: list[str] = field(default_factory=list)
    dialect: list[str] = field(default_factory=list)
    modules: Counter[str] = field(default_factory=Counter)
    """Modules side by side, by folder; `__init__.py` and `__main__.py` are not counted."""


def measure_room(root: Path, name: str) -> Room:
    """Return the counts of the room `root/name`."""
    room = Room(name)
    for path in sorted((root / name).rglob("*.py")):
        where = path.relative_to(root)
        source = path.read_text(encoding="utf-8")
        room.lines += source.count("\n")
        if not path.name.startswith("__"):
            room.modules[str(where.parent)] += 1
        if not _UNNAMED.intersection(where.parts):
            _measure_module(room, ast.parse(source, filename=str(where)), str(where))
    return room


def _measure_module(room: Room, tree: ast.Module, where: str) -> None:
    for name in iter_function_names(tree):
        room.functions += 1
        if is_participle_named(name):
            room.participles.append(f"{where}: {name}")
    for docstring in iter_docstrings(tree):
        words = split_words(docstring)
        room.words += len(words)
        room.dialect.extend(f"{where}: {word}" for word in words if word in DIALECT)
