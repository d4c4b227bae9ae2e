"""Alerts and dashboards ask for metrics that there are, and each alert leads to a page that says what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.metrics import DECLARED

_ROOT = Path(__file__).parents[3]
_MONITORING = _ROOT / "deploy" / "monitoring"
_RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((_MONITORING / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
_DASHBOARDS = sorted((_MONITORING / "grafana" / "dashboards").glob("*.json"))


def _known() -> set[str]:
    names = {one.name for one in DECLARED}
    histograms = {one.name for one in DECLARED if one.type == "histogram"}
    return names | {f"{name}_{part}" for name in histograms for part in ("bucket", "sum", "count")}


def _asked(query: str) -> set[str]:
    return set(re.findall(r"\bstrandline_\w+", query))


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_metrics_that_there_are_and_has_a_runbook(rule: dict[str, Any]) -> None:
    assert _asked(rule["expr"]) <= _known()
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["summary"]
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (_ROOT / page).read_text(), re.MULTILINE)
    assert anchor == rule["alert"].lower()
    assert rule["alert"] in headings


@pytest.mark.parametrize("file", _DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_asks_for_metrics_that_there_are(file: Path) -> None:
    queries = [
        target["expr"]
        for panel in json.loads(file.read_text())["panels"]
        for target in panel.get("targets", ())
    ]
    assert len(queries) >= 8
    for query in queries:
        assert _asked(query) <= _known(), query
        assert _asked(query) or "up{" in query, query


def test_every_metric_is_shown_somewhere() -> None:
    shown = {name for file in _DASHBOARDS for name in _asked(file.read_text())}
    shown |= {name for rule in _RULES for name in _asked(rule["expr"])}
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} | shown
    assert {one.name for one in DECLARED} - bare <= {
        "strandline_watch_fire_seconds",
        "strandline_recent_series_total",
    }
