"""The ids under which the analyses are published that a closed candle started."""

import re
import uuid

from schemas.market import Market
from schemas.values import from_ms

CLOSE_PREFIX = "close:"
"""Such ids: this, the market key, and the candle's open time. Nothing waits for them, so they have no job."""

_VALID_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NAMESPACE = uuid.UUID("2f2a6d0e-6d0c-5f0b-9a3e-58a3f9b1c7d4")


def close_id(market: Market, open_ms: int) -> str:
    """Return the request id of the analysis that the close of this candle starts; the same in every process."""
    candle = f"{from_ms(open_ms):%Y%m%dT%H%M%SZ}"
    readable = f"{CLOSE_PREFIX}{market.key}:{candle}"
    if _VALID_ID.fullmatch(readable):
        return readable
    # The symbol has letters that an id may not have.
    return f"{CLOSE_PREFIX}{uuid.uuid5(_NAMESPACE, market.key)}:{candle}"


def is_close_id(request_id: str) -> bool:
    """Return whether this id stands for a closed candle, not for a request."""
    return request_id.startswith(CLOSE_PREFIX)
