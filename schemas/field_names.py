"""Names that callers send instead of those of fields. Pure."""

from collections.abc import Collection, Mapping
from difflib import SequenceMatcher

_OTHER_NAMES = {
    "interval": "timeframe",
    "tf": "timeframe",
    "period": "timeframe",
    "resolution": "timeframe",
    "granularity": "timeframe",
    "pair": "symbol",
    "ticker": "symbol",
    "instrument": "symbol",
    "exchangeid": "exchange",
    "exchangename": "exchange",
    "venue": "exchange",
    "marketkind": "market_type",
    "contracttype": "market_type",
    "count": "limit",
    "candles": "limit",
    "expiry": "expires_at",
    "expires": "expires_at",
    "deadline": "expires_at",
    "reqid": "request_id",
    "parameters": "params",
}
"""What other interfaces call these fields, in lower case without separators."""

_SIMILAR = 0.85


def check_field_names(sent: Mapping[str, object], fields: Collection[str]) -> None:
    """Raise ValueError for a name that is nearly, or elsewhere means, a field that was not sent.

    Such a name would be ignored like any unknown one, and the default in its place give a wrong answer.
    """
    if all(name in fields for name in sent):
        return
    known = {_simplify(name): name for name in fields}
    for name in sent:
        if name in known.values():
            continue
        meant = _find_meant(_simplify(str(name)), known)
        if meant and meant not in sent:
            raise ValueError(f"unknown field {str(name)[:40]!r}: write {meant!r}")


def _find_meant(name: str, known: Mapping[str, str]) -> str | None:
    if name in known or name in _OTHER_NAMES:
        return known.get(name) or _OTHER_NAMES[name]
    similar = [
        field for simple, field in known.items() if SequenceMatcher(None, name, simple).ratio() >= _SIMILAR
    ]
    return similar[0] if len(similar) == 1 else None


def _simplify(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
