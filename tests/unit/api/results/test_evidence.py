"""Whether a row's numbers are those that its levels were published with."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.results import views
from api.results.evidence import is_of_row
from schemas.events import AnalysisCompleted
from tests.support.events import make_level
from tests.unit.api.results.test_views import LEVEL, make_record

PUBLISHED = Path(__file__).parents[3] / "data/analyzer/published.json"


def read_published() -> list[AnalysisCompleted]:
    records = [record for scene in json.loads(PUBLISHED.read_text()).values() for record in scene]
    return [
        AnalysisCompleted.model_validate_json(one["value"]) for one in records if "results" in one["topic"]
    ]


def test_published_levels_are_of_their_own_row() -> None:
    results = read_published()
    assert sum(len(one.levels) for one in results) > 10
    assert all(
        is_of_row(one.levels, one.last_price, one.support_levels, one.resistance_levels) for one in results
    )


@pytest.mark.parametrize(
    ("columns", "has_evidence"),
    [
        ({}, True),
        ({"support_levels": "[64000.5]"}, True),
        ({"last_price": 1.02}, False),
        ({"support_levels": "[1.01, 0.99]", "last_price": 1.02}, False),
        ({"support_levels": "[63000]"}, False),
        ({"support_levels": "[]", "resistance_levels": "[64000.5]"}, False),
        ({"last_price": 0.0}, False),
    ],
)
def test_row_of_another_backend_has_no_evidence(columns: dict[str, Any], has_evidence: bool) -> None:
    ours = {"candle_at": 1_795_345_200_000, "algorithm": "strandline/2", "request_id": "r"}
    record = make_record(levels=json.dumps([LEVEL]), **ours, **columns)
    row = views.to_detail(record)  # type: ignore[arg-type]
    assert (row.levels is not None, row.candle_at is not None, row.algorithm is not None) == (
        has_evidence,
    ) * 3
    item = views.to_list_item(record)  # type: ignore[arg-type]
    support = item.nearest.support
    assert (support is not None and support.level_id is not None) is has_evidence


def test_levels_without_any_are_of_every_row() -> None:
    assert is_of_row([], 1.0, [2.0], [])
    assert not is_of_row([make_level(1.0)], 1.0, [], [])
