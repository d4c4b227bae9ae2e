"""Writes a document as YAML; texts are JSON strings, which YAML accepts."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z$_][A-Za-z0-9_.$-]*")
# Words that YAML 1.1 does not read as text.
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(document: Mapping[str, Any]) -> str:
    """Return mappings, sequences and JSON values as block YAML, in their order."""
    return "\n".join(_block(document, 0)) + "\n"


def _block(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _entry(f"{indent}{_key(name)}:", inner, depth)
    else:
        for inner in value:
            yield from _entry(f"{indent}-", inner, depth)


def _entry(head: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str) and value:
        yield head
        yield from _block(value, depth + 1)
    else:
        yield f"{head} {json.dumps(value, ensure_ascii=False)}"


def _key(name: str) -> str:
    plain = _PLAIN_KEY.fullmatch(name) and name.lower() not in _RESERVED
    return name if plain else json.dumps(name, ensure_ascii=False)
