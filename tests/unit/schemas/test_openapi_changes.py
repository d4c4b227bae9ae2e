"""Changes of the REST API that its callers would notice, and those that they would not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from schemas.contracts.openapi_changes import find_broken_calls

Json = dict[str, Any]

WATCH: Json = {
    "type": "object",
    "properties": {"symbol": {"type": "string"}, "state": {"enum": ["armed", "fired"]}},
    "required": ["symbol"],
}
OLD: Json = {
    "paths": {
        "/watches": {
            "get": {
                "operationId": "listWatches",
                "parameters": [
                    {"name": "symbol", "in": "query", "schema": {"type": "string", "maxLength": 64}},
                    {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Watch"}}},
                    },
                    "404": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
                },
            },
            "post": {
                "operationId": "createWatch",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewWatch"}}},
                },
                "responses": {"201": {}},
            },
        }
    },
    "components": {"schemas": {"Watch": WATCH, "NewWatch": copy.deepcopy(WATCH)}},
}


def find(change: Callable[[Json, Json, Json], object]) -> list[str]:
    """Return what callers notice after a change of: the calls, what is answered, what is sent."""
    new = copy.deepcopy(OLD)
    schemas = new["components"]["schemas"]
    change(new["paths"]["/watches"], schemas["Watch"], schemas["NewWatch"])
    return find_broken_calls(OLD, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda calls, answer, body: None,
        lambda calls, answer, body: calls.update(delete={"responses": {}}),
        lambda calls, answer, body: answer["properties"].update(note={"type": "string"}),
        lambda calls, answer, body: body["properties"].update(note={"type": "string"}),
        lambda calls, answer, body: answer["required"].append("state"),
        lambda calls, answer, body: body["required"].clear(),
        lambda calls, answer, body: body["properties"]["state"]["enum"].append("paused"),
        lambda calls, answer, body: answer["properties"]["state"]["enum"].remove("fired"),
        lambda calls, answer, body: calls["get"]["parameters"].append({"name": "side", "in": "query"}),
        lambda calls, answer, body: calls["get"]["parameters"][0]["schema"].update(maxLength=128),
        lambda calls, answer, body: calls["get"]["parameters"][1].pop("required"),
        lambda calls, answer, body: calls["get"]["responses"].pop("404"),
        lambda calls, answer, body: calls["get"]["responses"].update({"304": {}}),
    ],
)
def test_growth_breaks_no_caller(change: Callable[[Json, Json, Json], object]) -> None:
    assert find(change) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda calls, answer, body: calls.pop("post"), "POST /watches: the call is gone"),
        (
            lambda calls, answer, body: calls["get"].update(operationId="watches"),
            "GET /watches: operationId was listWatches and is watches",
        ),
        (
            lambda calls, answer, body: calls["get"]["parameters"].pop(),
            "GET /watches query parameter page: the parameter is gone",
        ),
        (
            lambda calls, answer, body: calls["get"]["parameters"][0].update(required=True),
            "GET /watches query parameter symbol: the parameter is required and was not",
        ),
        (
            lambda calls, answer, body: calls["get"]["parameters"].append(
                {"name": "side", "in": "query", "required": True}
            ),
            "GET /watches query parameter side: the parameter is required and was not",
        ),
        (
            lambda calls, answer, body: calls["get"]["parameters"][0]["schema"].update(maxLength=8),
            "GET /watches query parameter symbol: maxLength was 64 and is 8",
        ),
        (
            lambda calls, answer, body: body["required"].append("state"),
            "POST /watches body.state: the field is required and was not",
        ),
        (
            lambda calls, answer, body: body["properties"]["state"]["enum"].remove("fired"),
            "POST /watches body.state: enum lost 'fired'",
        ),
        (
            lambda calls, answer, body: answer["properties"]["state"]["enum"].append("paused"),
            "GET /watches 200.state: enum gained 'paused'",
        ),
        (
            lambda calls, answer, body: answer["required"].clear(),
            "GET /watches 200.symbol: the field was always there and is optional",
        ),
        (
            lambda calls, answer, body: answer["properties"].pop("symbol"),
            "GET /watches 200.symbol: the field is gone",
        ),
        (
            lambda calls, answer, body: calls["post"]["responses"].pop("201"),
            "POST /watches 201: the response is gone",
        ),
        (
            lambda calls, answer, body: calls["get"]["responses"]["200"]["headers"].clear(),
            "GET /watches 200: the header ETag is gone",
        ),
        (
            lambda calls, answer, body: calls["get"]["responses"]["200"]["content"].clear(),
            "GET /watches 200: application/json is gone",
        ),
    ],
)
def test_changes_that_callers_notice_are_reported(
    change: Callable[[Json, Json, Json], object], message: str
) -> None:
    assert find(change) == [message]


def test_body_that_becomes_required_is_reported() -> None:
    old = copy.deepcopy(OLD)
    del old["paths"]["/watches"]["post"]["requestBody"]
    assert find_broken_calls(old, OLD) == ["POST /watches body: it is required and was not"]
