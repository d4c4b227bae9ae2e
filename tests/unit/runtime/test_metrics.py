"""Every metric is declared with its meaning, and the docs match the declarations."""

import re
from pathlib import Path

import pytest

from runtime.metric_table import render_table
from runtime.metrics import DECLARED, REGISTRY, MetricDeclaration

DOCS = Path(__file__).parents[3] / "docs"


def test_metrics_page_is_up_to_date() -> None:
    assert (DOCS / "metrics.md").read_text() == render_table(DECLARED)


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one.name)
def test_metric_has_meaning_and_suffix_of_its_type(one: MetricDeclaration) -> None:
    assert one.name.startswith("strandline_")
    assert one.meaning
    assert one.by
    assert all(one.labels.values())
    assert one.name.endswith("_total") == (one.type == "counter")
    assert (one.type != "histogram") or one.name.endswith(("_seconds", "_records"))


def test_registry_holds_exactly_the_declared_metrics() -> None:
    registered = {family.name for family in REGISTRY.collect()}
    assert registered == {one.name.removesuffix("_total") for one in DECLARED}


OTHER_NAMES = {
    "strandline_version",  # a table
    *("strandline_migrate", "strandline_write", "strandline_read"),  # users of the database
    "strandline_database_url",  # a secret's file
    "strandline_callers",  # a network
}


def test_operations_page_names_only_declared_metrics() -> None:
    named = set(re.findall(r"`(strandline_[a-z_]+)", (DOCS / "operations.md").read_text()))
    known = {one.name for one in DECLARED} | OTHER_NAMES
    assert named <= known, named - known
