"""The types of the clients against the published documents: a hand-written type lacks no field that is sent."""

import json
import re
import types
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from api.live.events import EVENT_KINDS
from strandline_client import (
    Candle,
    Fire,
    Job,
    Level,
    LevelEvent,
    Market,
    MuteHours,
    NearLevel,
    Publication,
    Result,
    ScoreParts,
    StandingQuestion,
    StandingWatch,
    TradableMarket,
    Watch,
    WatchDelivery,
)
from strandline_client.model import Model

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "schemas" / "contracts"
SCHEMAS: Mapping[str, Any] = json.loads((CONTRACTS / "openapi.json").read_text())["components"]["schemas"]
EVENTS = {path.name.removesuffix(".v1.json"): path for path in CONTRACTS.glob("*.v1.json")}
TYPES = ROOT / "clients" / "typescript" / "src" / "types.ts"

MODELS: Mapping[type[Model], str] = {
    Candle: "Kline",
    Fire: "WatchFire",
    Job: "Job",
    Level: "Level",
    Market: "Market",
    MuteHours: "MuteHours",
    NearLevel: "NearLevel",
    Publication: "Publication",
    Result: "ResultDetail",
    ScoreParts: "ScoreParts",
    StandingQuestion: "StandingQuestion",
    StandingWatch: "StandingWatch",
    TradableMarket: "TradableMarket",
    Watch: "Watch",
    WatchDelivery: "WatchDelivery",
}
LEVEL_EVENTS = [
    name for name in SCHEMAS if name.startswith("Level") and "event_id" in SCHEMAS[name]["properties"]
]
KINDS: Mapping[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}


def published_type(model: type[Model], name: str, schema: Mapping[str, Any]) -> Any:
    """Return what a property is in Python; a model for an object."""
    if "$ref" in schema:
        nested = model.NESTED[name]
        assert MODELS[nested] == schema["$ref"].rpartition("/")[2]
        return nested
    if schema.get("format") == "date-time" or (model, name) == (Candle, "timestamp"):
        return datetime
    if schema["type"] == "array":
        return published_type(model, name, schema["items"])
    return KINDS[schema["type"]]


def split_null(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """Return the schema without its null, and whether it had one."""
    options = schema.get("anyOf", [schema])
    (one,) = [option for option in options if option.get("type") != "null"]
    return one, len(options) > 1


def split_optional(hint: Any) -> tuple[Any, bool]:
    """Return the type without None, of a list the type of its items, and whether None was allowed."""
    parts = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    (one,) = [part for part in parts if part is not types.NoneType]
    return (get_args(one)[0] if get_origin(one) in {list, tuple} else one), types.NoneType in parts


def describe(model: type[Model], properties: Mapping[str, Any]) -> dict[str, tuple[Any, bool]]:
    """Return type and nullability of each property."""
    split = {name: split_null(schema) for name, schema in properties.items()}
    return {name: (published_type(model, name, schema), null) for name, (schema, null) in split.items()}


def describe_model(model: type[Model]) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(model)
    return {one.name: split_optional(hints[one.name]) for one in fields(model) if one.name != "raw"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_python_model_has_the_fields_of_its_schema(model: type[Model]) -> None:
    published = describe(model, SCHEMAS[MODELS[model]]["properties"])
    if "levels" in published:
        published["levels"] = (Level, False)  # null is an empty tuple
    assert describe_model(model) == published


def test_python_level_event_has_the_fields_of_every_type() -> None:
    assert len(LEVEL_EVENTS) == 7
    ours = describe_model(LevelEvent)
    for name in LEVEL_EVENTS:
        published = describe(LevelEvent, SCHEMAS[name]["properties"])
        assert {field: kind for field, (kind, _) in published.items()} == {
            field: ours[field][0] for field in published
        }
    shared = set.intersection(*(set(SCHEMAS[name]["required"]) for name in LEVEL_EVENTS))
    assert {name for name, (_, is_optional) in ours.items() if not is_optional} == shared
    assert set(ours) == set().union(*(SCHEMAS[name]["properties"] for name in LEVEL_EVENTS))


def test_every_model_is_compared() -> None:
    def find(base: type[Model]) -> set[type[Model]]:
        return {base, *(model for child in base.__subclasses__() for model in find(child))}

    # By name: a dataclass with slots is a second class beside the one that was written.
    public = {model.__name__ for model in find(Model) if not model.__name__.startswith("_")}
    assert public - {"Model", "LevelEvent"} == {model.__name__ for model in MODELS}


def test_typescript_has_a_type_of_every_event() -> None:
    named = set(re.findall(r'Events\["schemas"\]\["(\w+)"\]', TYPES.read_text()))
    assert set(EVENTS) - set(LEVEL_EVENTS) - named == set()
    generated = (CONTRACTS / "openapi.json").read_text()
    assert all(f'"#/components/schemas/{name}"' in generated for name in LEVEL_EVENTS)


def test_typescript_has_every_kind_of_event_of_the_stream() -> None:
    (body,) = re.findall(r"interface StreamEvents \{(.*?)\n\}", TYPES.read_text(), re.DOTALL)
    assert set(re.findall(r"^  (\w+):", body, re.MULTILINE)) == set(EVENT_KINDS)


def test_typescript_has_a_type_of_every_model() -> None:
    named = set(re.findall(r'Schemas\["(\w+)"\]', TYPES.read_text()))
    nested = {"Market", "ScoreParts", "MuteHours", "WatchDelivery", "StandingQuestion"}
    assert set(MODELS.values()) - nested - named == set()
