"""A symbol as people type it into a search field, brought to the form in which it is looked for."""

import re

_JOINED = re.compile(r"(?<=[^\W_])[-_]")


def searched(written: str | None) -> str | None:
    """`btc/usdt`, `BTC-USDT`, `btc_`, `BTC/USDT:USDT` without case, separators and settlement; None: no filter.

    Separators that follow no letter or digit stay, and then match nothing: a lone `_` is no wildcard.
    """
    if written is None:
        return None
    pair = written.strip().partition(":")[0].replace("/", "")
    return _JOINED.sub("", pair).upper() or None
