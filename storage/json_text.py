"""Serialized JSON for JSON columns: a value is serialized once, though several rows hold it."""

import json
from typing import Any

# The backslash first: those that the other replacements put in are not escaped again.
_ESCAPED = ("\\", '"', "'", "\0", "\n", "\r", "\x1a")


class JsonText(str):
    """JSON that a JSON column stores as it is."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        """Return what `str.translate` does with the MySQL driver's table of escapes, by a scan for each of them.

        The driver calls it on every text that it quotes, and `str.translate` looks up every character: for the levels
        of a result that takes as long as all else that is done with them.
        """
        text = str(self)
        for character in _ESCAPED:
            if character in text:
                text = text.replace(character, table[ord(character)])
        return text


def to_json_text(value: object) -> JsonText:
    """Serialize `value`; what is serialized already is returned as it is. Raises TypeError, ValueError."""
    return value if isinstance(value, JsonText) else JsonText(json.dumps(value))
