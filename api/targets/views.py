"""Targets of the notifier as responses show them. Pure."""

from api.results.views import to_utc
from schemas.http.targets import NotificationTarget
from schemas.records import TargetRecord


def to_target(record: TargetRecord) -> NotificationTarget:
    """Convert a target."""
    times = {name: to_utc(record[name]) for name in ("seen_at", "delivered_at", "gone_at")}
    state = "gone" if record["gone_at"] else "failing" if record["error"] else "ok"
    return NotificationTarget.model_validate(dict(record) | times | {"state": state})
