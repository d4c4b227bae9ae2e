"""Fills the tables of fields in docs/events.md from the descriptions in the JSON Schemas."""

import re
from collections.abc import Mapping
from typing import Any

_TABLE = re.compile(r"<!-- fields: (\w+) -->\n.*?<!-- end of fields -->", re.DOTALL)


def fill_field_tables(text: str, schemas: Mapping[str, Mapping[str, Any]]) -> str:
    """Return `text` with the table of every `<!-- fields: Name -->` renewed. Raises KeyError for an unknown name."""
    return _TABLE.sub(lambda found: _table(found[1], schemas[found[1]]), text)


def collect_schemas(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the schema of each event and of each object inside one, by title."""
    inner = {
        name: schema for document in documents.values() for name, schema in document.get("$defs", {}).items()
    }
    return inner | {document["title"]: document for document in documents.values()}


def _table(name: str, schema: Mapping[str, Any]) -> str:
    rows = (f"| `{field}` | {_meaning(properties)} |" for field, properties in schema["properties"].items())
    return "\n".join(
        (f"<!-- fields: {name} -->", "| field | meaning |", "|---|---|", *rows, "<!-- end of fields -->")
    )


def _meaning(properties: Mapping[str, Any]) -> str:
    meaning = str(properties["description"]).replace("|", "\\|")
    example = properties.get("examples", [None])[0]
    return f"{meaning} Example: `{example}`." if isinstance(example, str) else meaning
