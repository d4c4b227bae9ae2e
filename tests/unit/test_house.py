"""The gate of the house finds what it is there to find, and nothing else."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.house.gate import find_violations
from tests.house.measure import Room, measure_room
from tests.house.names import is_participle_named, iter_function_names
from tests.house.prose import iter_docstrings, split_words


@pytest.mark.parametrize("name", ["fetched", "_told", "known_levels", "levels_known", "made_id"])
def test_participle_check_finds_participle_names(name: str) -> None:
    assert is_participle_named(name)


@pytest.mark.parametrize(
    "name", ["fetch", "is_closed", "wait_until_paused", "seed", "feed_prices", "to_row", "_put"]
)
def test_participle_check_passes_verb_phrases(name: str) -> None:
    assert not is_participle_named(name)


def test_function_names_leave_out_special_methods_and_properties() -> None:
    source = (
        "class A:\n def __init__(self): ...\n @property\n def told(self): ...\n async def load(self): ...\n"
    )
    assert list(iter_function_names(ast.parse(source))) == ["load"]


def test_docstrings_are_those_of_modules_classes_and_functions() -> None:
    source = '"""One."""\nclass A:\n """Two."""\n def f(self):\n  """Three."""\n  "no docstring"\n'
    assert sorted(iter_docstrings(ast.parse(source))) == ["One.", "Three.", "Two."]
    assert split_words("Whoever's told, 12 times") == ["whoever's", "told", "times"]


def test_room_is_measured_from_its_files(tmp_path: Path) -> None:
    room = tmp_path / "storage"
    (room / "migrations" / "versions").mkdir(parents=True)
    (room / "__init__.py").write_text("", encoding="utf-8")
    (room / "rows.py").write_text(
        '"""Rows as told."""\ndef stored(): ...\ndef load(): ...\n', encoding="utf-8"
    )
    (room / "migrations" / "versions" / "v0001.py").write_text("def told(): ...\n", encoding="utf-8")

    measured = measure_room(tmp_path, "storage")

    assert (measured.lines, measured.functions, measured.words) == (4, 2, 3)
    assert measured.participles == ["storage/rows.py: stored"]
    assert measured.dialect == ["storage/rows.py: told"]
    assert measured.modules == {"storage": 1, "storage/migrations/versions": 1}


def test_gate_names_each_limit_that_is_broken() -> None:
    rooms = [
        Room(
            "runtime", lines=90, functions=96, words=997, participles=["a: told"] * 4, dialect=["a: told"] * 3
        ),
        Room("levels", lines=910, modules=Counter(levels=21)),
    ]
    violations = list(find_violations(rooms))
    assert [violation.split(" ")[0] for violation in violations] == [
        "4.2",
        "3.0",
        "levels/",
        "runtime/",
        "levels/",
    ]


def test_gate_passes_at_its_limits() -> None:
    rooms = [
        Room("runtime", lines=80, functions=100, words=1000, participles=["a"] * 3, dialect=["a"] * 2),
        *(Room(name, lines=184, modules=Counter({name: 20})) for name in "abcde"),
    ]
    assert list(find_violations(rooms)) == []
