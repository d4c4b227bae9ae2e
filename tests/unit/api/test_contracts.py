"""The generated contracts: fresh, complete, and reported when stale."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from api import openapi
from schemas.contracts import generate
from schemas.contracts.asyncapi import build_asyncapi
from schemas.contracts.field_tables import fill_field_tables
from schemas.contracts.yaml import to_yaml
from schemas.topics import TOPICS

DOCUMENTS = generate.build_documents() | openapi.build_document()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(DOCUMENTS["openapi.json"])
    return described


def test_generated_contracts_are_fresh() -> None:
    assert generate.update_files(DOCUMENTS, check=True) == []


def test_generator_reports_stale_files_and_writes_without_check(tmp_path: Path) -> None:
    assert generate.update_files({"a.json": "1"}, check=True, folder=tmp_path) == ["a.json"]
    assert not (tmp_path / "a.json").exists()
    assert generate.update_files({"a.json": "1"}, check=False, folder=tmp_path) == ["a.json"]
    assert generate.update_files({"a.json": "1"}, check=True, folder=tmp_path) == []


def test_openapi_has_every_path_of_the_contract(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {
        "/analyze",
        "/results",
        "/health",
        "/chart.png",
        "/api/v1/push",
        "/api/v1/push/subscriptions",
        "/api/v1/push/subscriptions/{subscription_id}",
        "/api/v1/standing-watches",
        "/api/v1/standing-watches/{watch_id}",
        "/api/v1/targets",
        "/api/v1/watchlist",
        "/api/v1/targets/{name}/test",
        "/api/v1/analysis/results",
        "/api/v1/analysis/{result_id}",
        "/api/v1/analysis/{result_id}/history",
        "/api/v1/analysis/by-market/{market}",
        "/api/v1/analysis/by-market/{market}/pine",
        "/api/v1/analysis/batch",
        "/api/v1/analysis/trigger",
        "/api/v1/dead-letters",
        "/api/v1/dead-letters/replay",
        "/api/v1/dead-letters/spans",
        "/api/v1/dead-letters/{address}",
        "/api/v1/jobs",
        "/api/v1/jobs/{request_id}",
        "/api/v1/exchanges",
        "/api/v1/export",
        "/api/v1/fires",
        "/api/v1/levels/near",
        "/api/v1/levels/{market}/{level_id}/events",
        "/api/v1/klines",
        "/api/v1/markets",
        "/api/v1/pipeline",
        "/api/v1/stream",
        "/api/v1/stream/near",
        "/api/v1/stream/ticket",
        "/api/v1/watches",
        "/api/v1/watches/{watch_id}",
        "/api/v1/watches/{watch_id}/fires",
        "/api/v1/watches/{watch_id}/restore",
    }


def test_openapi_describes_errors_as_problems(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    errors = [
        answer
        for one in operations
        for status, answer in one["responses"].items()
        if not status.startswith("2") and status != "304"
    ]
    assert errors
    assert {tuple(answer["content"]) for answer in errors} == {("application/problem+json",)}
    assert "HTTPValidationError" not in DOCUMENTS["openapi.json"]


def test_openapi_operation_ids_are_unique_verb_phrases(document: dict[str, Any]) -> None:
    verbs = "list|get|create|update|delete|trigger|request|replay|stream|export|restore|test"
    ids = [one.get("operationId", "") for path in document["paths"].values() for one in path.values()]
    assert [name for name in ids if not re.match(rf"^({verbs})[A-Z][A-Za-z]+$", name)] == []
    assert len(ids) == len(set(ids))


def test_openapi_describes_every_property_and_parameter(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    missing = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, definition in schema.get("properties", {}).items()
        if "description" not in definition
    ]
    missing += [
        f"{one['operationId']}.{parameter['name']}"
        for path in document["paths"].values()
        for one in path.values()
        for parameter in one.get("parameters", [])
        if "description" not in parameter
    ]
    assert missing == []


_BODIES = {
    "RequestBody",
    "StandingQuestionBody",
    "StandingWatchBody",
    "StandingWatchPatch",
    "WatchBody",
    "WatchDeliveryBody",
    "WatchPatch",
    "WatchlistBody",
}
"""What callers send."""


def test_openapi_requires_every_field_that_is_always_sent(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    optional = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field in schema.get("properties", {})
        if field not in schema.get("required", []) and name not in _BODIES
    }
    assert optional == {"Problem.request_id", "ResultListItem.levels"}
    assert [name for name, schema in schemas.items() if _find_defaults(schema)] == []


def test_openapi_numbers_are_doubles(document: dict[str, Any]) -> None:
    numbers = [schema for schema in _find_schemas(document) if schema.get("type") == "number"]
    assert numbers
    assert {schema.get("format") for schema in numbers} == {"double"}


def test_openapi_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_openapi_references_resolve(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"]) | set(document["components"]["headers"])
    assert {name.rpartition("/")[2] for name in _references(document)} <= names


def test_asyncapi_has_a_channel_for_every_topic() -> None:
    assert [one["address"] for one in build_asyncapi()["channels"].values()] == [
        topic.name for topic in TOPICS
    ]


def test_asyncapi_has_the_prefix_of_an_installation_in_every_address() -> None:
    assert [one["address"] for one in build_asyncapi("blue.")["channels"].values()] == [
        f"blue.{topic.name}" for topic in TOPICS
    ]


def test_asyncapi_examples_name_the_event_of_their_message() -> None:
    messages = build_asyncapi()["components"]["messages"]
    named = {
        name: one["examples"][0]["headers"]["ce_type"] for name, one in messages.items() if "examples" in one
    }
    assert named == {name: f"strandline.{name}.v1" for name in messages if name != "DeadLetter"}


def test_every_field_of_an_event_has_a_description() -> None:
    schemas = [json.loads(text) for name, text in DOCUMENTS.items() if name.endswith(".v1.json")]
    objects = [inner for schema in schemas for inner in (schema, *schema.get("$defs", {}).values())]
    missing = [
        f"{one['title']}.{name}"
        for one in objects
        for name, field in one["properties"].items()
        if not field.get("description")
    ]
    assert missing == []


def test_field_tables_are_filled_from_schemas() -> None:
    text = "a\n<!-- fields: Tick -->\nold\n<!-- end of fields -->\nb"
    fields = {"price": {"description": "The price.", "examples": ["1"]}, "at": {"description": "a | b"}}
    assert fill_field_tables(text, {"Tick": {"properties": fields}}).splitlines() == [
        "a",
        "<!-- fields: Tick -->",
        "| field | meaning |",
        "|---|---|",
        "| `price` | The price. Example: `1`. |",
        "| `at` | a \\| b |",
        "<!-- end of fields -->",
        "b",
    ]


def test_yaml_writes_plain_values() -> None:
    document = {"a": {"b": [1, "two", {"c": None}], "on": True}, "d": {}, "x y": [], "e": "a: b\n"}
    assert to_yaml(document) == "\n".join(
        [
            "a:",
            "  b:",
            "    - 1",
            '    - "two"',
            "    -",
            "      c: null",
            '  "on": true',
            "d: {}",
            '"x y": []',
            'e: "a: b\\n"',
            "",
        ]
    )


def _find_schemas(value: Any) -> list[dict[str, Any]]:
    """Return every dictionary of the document with a `type`."""
    if isinstance(value, dict):
        own = [value] if isinstance(value.get("type"), str) else []
        return own + [schema for inner in value.values() for schema in _find_schemas(inner)]
    if isinstance(value, list):
        return [schema for inner in value for schema in _find_schemas(inner)]
    return []


def _find_defaults(schema: dict[str, Any]) -> list[str]:
    return [name for name, field in schema.get("properties", {}).items() if "default" in field]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []


def test_openapi_describes_the_headers_of_responses(document: dict[str, Any]) -> None:
    read = document["paths"]["/api/v1/analysis/results"]["get"]["responses"]
    assert set(read["200"]["headers"]) == {"ETag", "RateLimit", "RateLimit-Policy"}
    assert "content" not in read["304"]
    assert set(read["401"]["headers"]) >= {"WWW-Authenticate"}
    assert set(read["429"]["headers"]) >= {"Retry-After", "RateLimit"}
    written = document["paths"]["/api/v1/analysis/trigger"]["post"]["responses"]
    assert "Location" in written["202"]["headers"]
    assert set(document["components"]["securitySchemes"]) == {"APIKeyHeader", "HTTPBearer"}
