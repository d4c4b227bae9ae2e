"""How a webhook says who sent it. Pure; docs/events.md tells receivers how to check it."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from schemas.events import WatchFired
from schemas.topics import event_type

TIMESTAMP = "X-Strandline-Timestamp"
SIGNATURE = "X-Strandline-Signature"
FIRE_ID = "X-Strandline-Fire-Id"
EVENT = "X-Strandline-Event"


def headers(secret: str, fire: WatchFired, body: bytes, at: datetime) -> Mapping[str, str]:
    """Of one attempt, sent at `at`: an old one cannot be passed off as new."""
    timestamp = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "strandline",
        EVENT: event_type(type(fire)),
        FIRE_ID: fire.fire_id,
        TIMESTAMP: timestamp,
        SIGNATURE: f"v1={signed(secret, timestamp, body)}",
    }


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256, in hex, over the timestamp as it is sent, a full stop, and the body: RFC 2104."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
