"""Tickets: what a browser sends in place of a key where it cannot set a header, as with EventSource. Pure.

A ticket is `<id of the key>.<expiry>.<MAC>`. It opens the stream and nothing else, for a minute, and ends with its key.
The MAC is made with the hash of the key, which every process of the API knows, so no process keeps tickets.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

LIFETIME = timedelta(seconds=60)
"""A client opens the stream right after it got its ticket."""

_PURPOSE = "strandline stream ticket"
_TICKET = re.compile(r"(?P<holder>[a-z0-9-]{1,40})\.(?P<expires>[0-9]{1,12})\.(?P<mac>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that has the right form; whether it is valid, `verify_ticket` knows."""

    holder: str
    expires: int
    mac: str

    def __str__(self) -> str:
        return f"{self.holder}.{self.expires}.{self.mac}"

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)


def issue_ticket(holder: str, key_hash: str, now: datetime) -> Ticket:
    """Return a ticket of the key with this id and hash."""
    expires = int((now + LIFETIME).timestamp())
    return Ticket(holder, expires, _sign(holder, expires, key_hash))


def parse_ticket(text: str) -> Ticket | None:
    """Return the parts of a ticket; None for a text of another form."""
    match = _TICKET.fullmatch(text)
    return Ticket(match["holder"], int(match["expires"]), match["mac"]) if match else None


def verify_ticket(ticket: Ticket, key_hash: str, now: datetime) -> bool:
    """Return whether the key with this hash issued the ticket, and it has not expired."""
    is_genuine = hmac.compare_digest(ticket.mac, _sign(ticket.holder, ticket.expires, key_hash))
    return is_genuine and now.timestamp() < ticket.expires


def _sign(holder: str, expires: int, key_hash: str) -> str:
    return hmac.new(key_hash.encode(), f"{_PURPOSE}\n{holder}\n{expires}".encode(), sha256).hexdigest()
