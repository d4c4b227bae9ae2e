"""Changes of the contracts that programs of before would notice, and those that they would not."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contracts.compatibility import OPENAPI, RELEASED, check_contracts, compare_events, keep_release
from schemas.contracts.generate import FOLDER
from schemas.contracts.schema_changes import Direction, Pair, find_breaking_changes

Schema = dict[str, Any]
EVENTS: dict[str, Schema] = {
    path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.v*.json"))
}
COMPLETED = EVENTS["AnalysisCompleted.v1.json"]


def change_copy(schema: Schema, change: Callable[[Schema], object]) -> Schema:
    copied = copy.deepcopy(schema)
    change(copied)
    return copied


def list_objects(node: Any) -> Iterator[Schema]:
    """Yield every schema with properties, the nested ones too."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield node
        for child in node.values():
            yield from list_objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from list_objects(child)


@pytest.mark.parametrize("name", EVENTS)
def test_equal_schemas_are_compatible(name: str) -> None:
    assert compare_events(EVENTS[name], copy.deepcopy(EVENTS[name])) == []


SCHEMAS = st.one_of(
    st.sampled_from([{}, {"type": "string", "pattern": "^a"}, {"type": ["integer", "null"]}]),
    st.fixed_dictionaries({"type": st.just("array"), "items": st.just({"type": "number"})}),
    st.fixed_dictionaries({"enum": st.lists(st.text(), min_size=1)}),
)


@given(st.sampled_from(sorted(EVENTS)), st.integers(0, 99), st.text(min_size=1), SCHEMAS)
def test_added_optional_field_is_compatible(name: str, place: int, field: str, schema: Schema) -> None:
    new = copy.deepcopy(EVENTS[name])
    objects = list(list_objects(new))
    objects[place % len(objects)]["properties"].setdefault(field, schema)
    assert compare_events(EVENTS[name], new) == []


@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_removed_field_is_breaking(name: str, data: st.DataObject) -> None:
    new = copy.deepcopy(EVENTS[name])
    properties = data.draw(st.sampled_from(list(list_objects(new))))["properties"]
    field = data.draw(st.sampled_from(sorted(properties)))
    del properties[field]
    assert any(f".{field}: the field is gone" in one for one in compare_events(EVENTS[name], new))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["properties"]["algorithm"].update(description="other words", examples=["x"]),
        lambda s: s["$defs"]["Market"]["properties"]["market_type"]["enum"].append("inverse"),
    ],
)
def test_words_and_sets_that_may_grow_are_compatible(change: Callable[[Schema], object]) -> None:
    assert compare_events(COMPLETED, change_copy(COMPLETED, change)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["properties"].pop("algorithm"), ".algorithm: the field is gone"),
        (lambda s: s["required"].remove("algorithm"), ".algorithm: the field was always there"),
        (
            lambda s: (s["properties"].update(x={"type": "string"}), s["required"].append("x")),
            ".x: the field is required and was not",
        ),
        (
            lambda s: s["properties"]["input_limit"].update(type="string"),
            ".input_limit: type integer is gone",
        ),
        (
            lambda s: s["properties"]["input_limit"].update(type="number"),
            ".input_limit: type was integer and is number",
        ),
        (
            lambda s: s["$defs"]["Level"]["properties"]["side"]["enum"].append("pivot"),
            ".levels[].side: enum gained 'pivot'",
        ),
        (
            lambda s: s["$defs"]["Level"]["properties"]["side"]["enum"].remove("support"),
            ".levels[].side: enum lost 'support'",
        ),
        (
            lambda s: s["$defs"]["Market"]["properties"]["market_type"]["enum"].remove("future"),
            ".market.market_type: enum lost 'future'",
        ),
        (lambda s: s["$defs"]["Level"]["properties"].pop("low"), ".levels[].low: the field is gone"),
        (
            lambda s: s["$defs"]["Level"]["properties"]["p_hold"]["anyOf"].pop(),
            ".levels[].p_hold: type null is gone",
        ),
        (
            lambda s: s["properties"]["last_price"].update(
                anyOf=[{"type": "number", "format": "double"}, {"type": "null"}]
            ),
            ".last_price: type null is new",
        ),
        (
            lambda s: s["$defs"]["Market"]["properties"]["exchange"].update(pattern="^[a-z]+$"),
            ".market.exchange: pattern was",
        ),
        (lambda s: s["properties"]["last_price"].pop("format"), ".last_price: format was 'double'"),
        (lambda s: s["properties"]["request_ids"].update(maxItems=10), ".request_ids: maxItems was 500"),
        (
            lambda s: s["properties"]["levels"].update(items={"type": "string"}),
            ".levels[]: type object is gone",
        ),
    ],
)
def test_changes_that_readers_notice_are_breaking(change: Callable[[Schema], object], message: str) -> None:
    changes = compare_events(COMPLETED, change_copy(COMPLETED, change))
    assert any(one.startswith(f"AnalysisCompleted{message}") for one in changes), changes


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        ({"type": "integer"}, {"type": "number"}, Direction.RESPONSE),
        ({"type": "number"}, {"type": "integer"}, Direction.REQUEST),
        ({"type": "string"}, {}, Direction.RESPONSE),
        ({}, {"type": "string"}, Direction.REQUEST),
        ({"type": "string"}, {"type": ["string", "null"]}, Direction.RESPONSE),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, Direction.REQUEST),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, Direction.RESPONSE),
        ({"const": "a"}, {"enum": ["a", "b"]}, Direction.RESPONSE),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 5}, Direction.REQUEST),
        ({"type": "integer", "minimum": 9}, {"type": "integer", "minimum": 5}, Direction.RESPONSE),
        ({"type": "string"}, {"type": "string", "pattern": "^a"}, Direction.REQUEST),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}, Direction.REQUEST),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}, Direction.RESPONSE),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array"}, Direction.RESPONSE),
    ],
)
def test_narrower_breaks_requests_and_wider_breaks_responses(
    old: Schema, new: Schema, breaks: Direction
) -> None:
    pair = Pair(old, new, old, new, "x")
    found = {direction for direction in Direction if find_breaking_changes(pair, direction)}
    assert found == {breaks, Direction.EVENT}


def test_schemas_that_contain_themselves_are_compared_once() -> None:
    node: Schema = {
        "title": "Node",
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
    }
    old = {"title": "Tree", "$ref": "#/$defs/Node", "$defs": {"Node": node}}
    assert compare_events(old, copy.deepcopy(old)) == []


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return copies of the present contracts and of those of the release, which are equal."""
    present, released = tmp_path / "present", tmp_path / "released"
    keep_release(FOLDER, present)
    keep_release(FOLDER, released)
    return present, released


def change_file(path: Path, change: Callable[[Schema], object]) -> None:
    path.write_text(json.dumps(change_copy(json.loads(path.read_text()), change)))


def test_repository_keeps_every_event_and_the_document_of_the_calls() -> None:
    assert {path.name for path in RELEASED.glob("*.json")} >= {"AnalysisCompleted.v1.json", OPENAPI}


def test_check_reports_a_schema_and_a_call_that_are_gone(folders: tuple[Path, Path]) -> None:
    present, released = folders
    assert check_contracts(present, released) == []
    (present / "PriceTicked.v1.json").unlink()
    change_file(present / OPENAPI, lambda s: s["paths"].pop("/api/v1/watches"))
    errors = check_contracts(present, released)
    assert errors[0].startswith("PriceTicked.v1.json: the schema is gone: add an optional field")
    assert any(one.startswith("GET /api/v1/watches: the call is gone") for one in errors)


def test_check_allows_accepted_changes_and_reports_stale_ones(folders: tuple[Path, Path]) -> None:
    present, released = folders
    change_file(present / "PriceTicked.v1.json", lambda s: s["properties"].pop("at"))
    gone = "PriceTicked.at: the field is gone"
    accepted = released / "accepted.txt"
    accepted.write_text(f"# because of that\n{gone}\n")
    assert check_contracts(present, released) == []
    accepted.write_text(f"{gone}\nPriceTicked.price: the field is gone\n")
    [error] = check_contracts(present, released)
    assert error.endswith("remove it: PriceTicked.price: the field is gone")


def test_check_requires_the_contracts_of_the_present_version(folders: tuple[Path, Path]) -> None:
    present, released = folders
    change_file(present / OPENAPI, lambda s: s["info"].update(version="9.0.0"))
    [error] = check_contracts(present, released)
    assert "the version is 9.0.0" in error
    keep_release(present, released)
    assert check_contracts(present, released) == []
