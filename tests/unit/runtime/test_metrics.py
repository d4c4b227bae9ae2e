"""Every metric is declared with its meaning, and the docs say the same."""

import re
from pathlib import Path

import pytest

from runtime.metric_table import render_table
from runtime.metrics import DECLARED, REGISTRY, MetricDeclaration

DOCS = Path(__file__).parents[3] / "docs"


def test_the_docs_are_fresh() -> None:
    assert (DOCS / "metrics.md").read_text() == render_table(DECLARED)


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one.name)
def test_each_says_what_it_means_and_ends_as_its_kind_does(one: MetricDeclaration) -> None:
    assert one.name.startswith("strandline_")
    assert one.meaning
    assert one.by
    assert all(one.labels.values())
    assert one.name.endswith("_total") == (one.type == "counter")
    assert (one.type != "histogram") or one.name.endswith(("_seconds", "_records"))


def test_what_is_registered_is_declared() -> None:
    registered = {family.name for family in REGISTRY.collect()}
    assert registered == {one.name.removesuffix("_total") for one in DECLARED}


ELSE_NAMED_ALIKE = {
    "strandline_version",  # a table
    *("strandline_migrate", "strandline_write", "strandline_read"),  # users of the database
    "strandline_database_url",  # a secret's file
    "strandline_callers",  # a network
}


def test_the_operators_page_names_no_metric_that_is_not_there() -> None:
    named = set(re.findall(r"`(strandline_[a-z_]+)", (DOCS / "operations.md").read_text()))
    known = {one.name for one in DECLARED} | ELSE_NAMED_ALIKE
    assert named <= known, named - known
