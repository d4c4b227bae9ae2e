"""What Prometheus sees of the run, and whether the dashboards that are shipped would show anything."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.smoke.compose import ROOT, Trouble, until

DASHBOARDS = ROOT / "deploy" / "monitoring" / "grafana" / "dashboards"

_VARIABLES = {"__rate_interval": "2m", "__interval": "15s", "__range": "1h"}
"""As Grafana would fill them in; a dashboard's own variables match everything."""


def targets_up(prometheus: str, *, analyzers: int) -> str:
    """How many processes of each role answer. Raises Trouble where one does not, or an analyzer is not known."""

    def state() -> tuple[Counter[str], list[str]]:
        targets = _asked(prometheus, "targets", state="active")["activeTargets"]
        up = Counter(
            one["labels"].get("role", one["labels"]["job"]) for one in targets if one["health"] == "up"
        )
        return up, [f"{one['scrapeUrl']}: {one['lastError']}" for one in targets if one["health"] != "up"]

    def all_up() -> bool:
        up, down = state()
        return not down and up["analyzer"] == analyzers

    try:
        until("every target up", all_up, seconds=90)
    except Trouble:
        raise Trouble(f"targets up and down: {state()}") from None
    return ", ".join(f"{role} {count}" for role, count in sorted(state()[0].items()))


def rules_are_evaluated(prometheus: str) -> str:
    """How many alerts there are. Raises Trouble at one that Prometheus cannot evaluate."""
    rules = [rule for group in _asked(prometheus, "rules")["groups"] for rule in group["rules"]]
    bad = [f"{rule['name']}: {rule.get('lastError')}" for rule in rules if rule["health"] == "err"]
    if bad or not rules:
        raise Trouble(f"{len(rules)} rules, of which cannot be evaluated: {bad}")
    return f"{len(rules)} alerts"


def dashboards_answer(prometheus: str) -> str:
    """How many queries returned data. Raises Trouble with those that did not."""
    queries = [query for file in sorted(DASHBOARDS.glob("*.json")) for query in queries_of(file)]
    if not queries:
        raise Trouble(f"no dashboard in {DASHBOARDS}")

    def empty() -> list[str]:
        return [query for query in queries if not _asked(prometheus, "query", query=query)["result"]]

    # A rate needs two scrapes.
    try:
        until("data for every query", lambda: not empty(), seconds=90, every=5)
    except Trouble:
        raise Trouble(f"no data for {empty()}") from None
    return f"{len(queries)} queries, all with data"


def queries_of(file: Path) -> Iterator[str]:
    """Every query of a dashboard, and of its variables, as Prometheus takes it."""
    dashboard = json.loads(file.read_text())
    names = {variable["name"] for variable in dashboard.get("templating", {}).get("list", ())}
    for panel in _panels(dashboard):
        for target in panel.get("targets", ()):
            yield _filled(target["expr"], names)


def _panels(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for panel in holder.get("panels", ()):
        yield panel
        yield from _panels(panel)


def _filled(query: str, names: set[str]) -> str:
    values = {name: ".*" for name in names if name != "datasource"} | _VARIABLES
    return re.sub(r"\$\{?(\w+)\}?", lambda found: values[found[1]], query)


def _asked(prometheus: str, what: str, **parameters: str) -> Any:
    answer = httpx.get(f"{prometheus}/api/v1/{what}", params=parameters, timeout=20, trust_env=False)
    if answer.is_error:
        raise Trouble(f"Prometheus refuses {parameters}: {answer.text[:500]}")
    return answer.json()["data"]
