"""Changes of a schema that readers would notice, and those that they would not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.contracts.compatibility import (
    check_folder,
    find_breaking_changes,
    keep_release,
    latest_release,
)
from schemas.contracts.generate import FOLDER

Schema = dict[str, Any]
COMPLETED: Schema = json.loads((FOLDER / "AnalysisCompleted.v1.json").read_text())
FAILED: Schema = json.loads((FOLDER / "AnalysisFailed.v1.json").read_text())


def changed(schema: Schema, change: Callable[[Schema], object]) -> Schema:
    copied = copy.deepcopy(schema)
    change(copied)
    return copied


@pytest.mark.parametrize("schema", [COMPLETED, FAILED])
def test_equal_schemas_are_compatible(schema: Schema) -> None:
    assert find_breaking_changes(schema, schema) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["properties"].update(venue={"type": "string"}),
        lambda s: s["$defs"]["Level"]["properties"].update(age={"type": "integer"}),
        lambda s: s["properties"]["algorithm"].update(description="other words", examples=["x"]),
        lambda s: s["$defs"]["Market"]["properties"]["market_type"]["enum"].append("inverse"),
    ],
)
def test_optional_fields_words_and_growing_sets_are_compatible(change: Callable[[Schema], object]) -> None:
    assert find_breaking_changes(COMPLETED, changed(COMPLETED, change)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["properties"].pop("algorithm"), "AnalysisCompleted.algorithm: the field is gone"),
        (
            lambda s: s["required"].remove("algorithm"),
            "AnalysisCompleted.algorithm: the field was always there",
        ),
        (
            lambda s: (s["properties"].update(x={"type": "string"}), s["required"].append("x")),
            "AnalysisCompleted.x: the field is required and was not",
        ),
        (
            lambda s: s["properties"]["input_limit"].update(type="string"),
            "AnalysisCompleted.input_limit: type",
        ),
        (
            lambda s: s["$defs"]["Level"]["properties"]["side"]["enum"].append("pivot"),
            "AnalysisCompleted.levels[].side: enum",
        ),
        (
            lambda s: s["$defs"]["Level"]["properties"].pop("low"),
            "AnalysisCompleted.levels[].low: the field is gone",
        ),
        (
            lambda s: s["$defs"]["Level"]["properties"]["p_hold"]["anyOf"].pop(),
            "AnalysisCompleted.levels[].p_hold: had 2 alternatives",
        ),
        (
            lambda s: s["$defs"]["Market"]["properties"]["exchange"].update(pattern="^[a-z]+$"),
            "AnalysisCompleted.market.exchange: pattern",
        ),
        (
            lambda s: s["properties"]["request_ids"].update(maxItems=10),
            "AnalysisCompleted.request_ids: maxItems",
        ),
    ],
)
def test_changes_that_readers_notice_are_breaking(change: Callable[[Schema], object], message: str) -> None:
    changes = find_breaking_changes(COMPLETED, changed(COMPLETED, change))
    assert any(one.startswith(message) for one in changes), changes


def test_check_folder_reports_a_schema_that_is_gone(tmp_path: Path) -> None:
    keep_release("1.0.0", FOLDER, tmp_path / "released")
    released = latest_release(tmp_path / "released")
    assert released is not None
    assert check_folder(FOLDER, released) == []
    assert "PriceTicked.v1.json: the schema is gone" in check_folder(tmp_path, released)


def test_latest_release_is_by_version(tmp_path: Path) -> None:
    for name in ("0.9.0", "0.10.0", "0.2.11"):
        (tmp_path / name).mkdir()
    assert latest_release(tmp_path) == tmp_path / "0.10.0"
    assert latest_release(tmp_path / "none") is None
