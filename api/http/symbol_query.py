"""Symbols in search fields, normalized to the form that is searched for."""

import re

_SEPARATOR = re.compile(r"(?<=[^\W_])[-_]")


def normalize_query(text: str | None) -> str | None:
    """Return `text` in upper case without separators and settlement (`BTC/USDT:USDT`); None for no filter.

    A separator that does not follow a letter or digit stays and matches nothing: a lone `_` is not a wildcard.
    """
    if text is None:
        return None
    pair = text.strip().partition(":")[0].replace("/", "")
    return _SEPARATOR.sub("", pair).upper() or None
