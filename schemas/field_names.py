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
_MAX_COMPARED = 100
"""Unknown names that are compared for similarity, which is slow; an object with more of them is no typing error."""


def check_field_names(sent: Mapping[str, object], fields: Collection[str]) -> None:
    """Raise ValueError for a name that is nearly, or elsewhere means, a field that was not sent.

    Such a name would be ignored like any unknown one, and the default in its place give a wrong answer.
    """
    if all(name in fields for name in sent):
        return
    known = {_simplify(name): name for name in fields}
    unknown = [name for name in sent if name not in fields]
    for number, name in enumerate(unknown):
        simple = _simplify(str(name))
        meant = _find_equal(simple, known) or (
            _find_similar(simple, known) if number < _MAX_COMPARED else None
        )
        if meant and meant not in sent:
            raise ValueError(f"unknown field {str(name)[:40]!r}: write {meant!r}")


def _find_equal(name: str, known: Mapping[str, str]) -> str | None:
    return known.get(name) or _OTHER_NAMES.get(name)


def _find_similar(name: str, known: Mapping[str, str]) -> str | None:
    similar = [field for simple, field in known.items() if _is_similar(name, simple)]
    return similar[0] if len(similar) == 1 else None


def _is_similar(name: str, field: str) -> bool:
    matcher = SequenceMatcher(None, name, field)
    # The first is an upper bound that follows from the lengths alone: a name may have a million characters.
    return matcher.real_quick_ratio() >= _SIMILAR and matcher.ratio() >= _SIMILAR


def _simplify(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
