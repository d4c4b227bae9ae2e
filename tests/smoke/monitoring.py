"""Checks Prometheus' targets and rules, and that the queries of the dashboards return data."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.smoke.compose import ROOT, SmokeFailure, wait_until

DASHBOARDS = ROOT / "deploy" / "monitoring" / "grafana" / "dashboards"

_VARIABLES = {"__rate_interval": "2m", "__interval": "15s", "__range": "1h"}
"""Grafana's built-in variables; a dashboard's own variables match everything."""


def check_targets(prometheus: str, *, analyzers: int) -> str:
    """Count the targets by role. Raises SmokeFailure if one is down or an analyzer is missing."""

    def state() -> tuple[Counter[str], list[str]]:
        targets = _query_prometheus(prometheus, "targets", state="active")["activeTargets"]
        up = Counter(
            one["labels"].get("role", one["labels"]["job"]) for one in targets if one["health"] == "up"
        )
        return up, [f"{one['scrapeUrl']}: {one['lastError']}" for one in targets if one["health"] != "up"]

    def all_up() -> bool:
        up, down = state()
        return not down and up["analyzer"] == analyzers

    try:
        wait_until("every target up", all_up, seconds=90)
    except SmokeFailure:
        raise SmokeFailure(f"targets up and down: {state()}") from None
    return ", ".join(f"{role} {count}" for role, count in sorted(state()[0].items()))


def check_rules(prometheus: str) -> str:
    """Count the alerts. Raises SmokeFailure if Prometheus cannot evaluate one."""
    rules = [rule for group in _query_prometheus(prometheus, "rules")["groups"] for rule in group["rules"]]
    bad = [f"{rule['name']}: {rule.get('lastError')}" for rule in rules if rule["health"] == "err"]
    if bad or not rules:
        raise SmokeFailure(f"{len(rules)} rules; these cannot be evaluated: {bad}")
    return f"{len(rules)} alerts"


def check_dashboards(prometheus: str) -> str:
    """Count the queries of the dashboards. Raises SmokeFailure with those that return no data."""
    queries = [query for file in sorted(DASHBOARDS.glob("*.json")) for query in read_queries(file)]
    if not queries:
        raise SmokeFailure(f"no dashboard in {DASHBOARDS}")

    def empty() -> list[str]:
        return [
            query for query in queries if not _query_prometheus(prometheus, "query", query=query)["result"]
        ]

    # A rate needs two scrapes.
    try:
        wait_until("data for every query", lambda: not empty(), seconds=90, every=5)
    except SmokeFailure:
        raise SmokeFailure(f"no data for {empty()}") from None
    return f"{len(queries)} queries, all with data"


def read_queries(file: Path) -> Iterator[str]:
    """Yield the queries of a dashboard with their variables filled in."""
    dashboard = json.loads(file.read_text())
    names = {variable["name"] for variable in dashboard.get("templating", {}).get("list", ())}
    for panel in _walk_panels(dashboard):
        for target in panel.get("targets", ()):
            yield _fill_variables(target["expr"], names)


def _walk_panels(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for panel in holder.get("panels", ()):
        yield panel
        yield from _walk_panels(panel)


def _fill_variables(query: str, names: set[str]) -> str:
    values = {name: ".*" for name in names if name != "datasource"} | _VARIABLES
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values[match[1]], query)


def _query_prometheus(prometheus: str, what: str, **parameters: str) -> Any:
    answer = httpx.get(f"{prometheus}/api/v1/{what}", params=parameters, timeout=20, trust_env=False)
    if answer.is_error:
        raise SmokeFailure(f"Prometheus refuses {parameters}: {answer.text[:500]}")
    return answer.json()["data"]
