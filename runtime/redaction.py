"""Keeps credentials out of everything that is printed, logged or published."""

import re

_CREDENTIALS = re.compile(r"(?<=://)[^\s/?#\"'<>\\]+@")
HIDDEN = "***"

ESCAPE_ADVICE = "write @ as %40, / as %2F, # as %23 and ? as %3F in its user and password"
"""For a URL that is not valid: parsers take a part of a password with such a character for host, port or path."""


def redact_urls(text: str) -> str:
    """Replace user and password of every URL in `text`. Pure."""
    return _CREDENTIALS.sub(f"{HIDDEN}@", text) if "@" in text else text
