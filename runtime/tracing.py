"""The thread that ties a request to its result: W3C's `traceparent`, handed on from header to header."""

import re
import secrets

_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def new_traceparent() -> str:
    """A trace of its own, not sampled: https://www.w3.org/TR/trace-context/#traceparent-header."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def continued(traceparent: str | None) -> str:
    """The same trace seen from a new span; a new trace where there was none that can be read."""
    if traceparent is None or not _FORM.fullmatch(traceparent):
        return new_traceparent()
    version, trace, _, flags = traceparent.split("-")
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"
