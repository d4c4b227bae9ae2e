"""The OpenAPI document: what FastAPI generates, made valid in version 3.1 and readable for generators of clients."""

from typing import Any

from fastapi import FastAPI

from api.http.header_documents import describe_headers
from schemas.http.problems import Problem

_SUBSCHEMAS = ("properties", "$defs")
_ALTERNATIVES = ("anyOf", "oneOf", "allOf", "prefixItems")
_NESTED = ("items", "additionalProperties", "not")


_TAGS = {
    "analysis": "Results of analyses, and requests for new ones.",
    "jobs": "What became of a request.",
    "markets": "Exchanges, their markets and candles.",
    "operations": "For operators: the pipeline and its dead letters.",
    "service": "The calls of older clients, and health.",
    "stream": "Events as they happen.",
    "watches": "Price watches and their fires.",
    "levels": "The levels near the price, and what happened at a level.",
}


class DocumentedApi(FastAPI):
    """An application whose document is finished by `finish_document`."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = finish_document(super().openapi())
        return self.openapi_schema


def finish_document(document: dict[str, Any]) -> dict[str, Any]:
    """Change a generated document in place, and return it.

    * Problems are added: they are no response model of any route, because FastAPI would declare them as plain JSON.
    * A stream of events is declared as text: `itemSchema` is a keyword of OpenAPI 3.2.
    * Tags have descriptions, and addresses are relative to the document's own server.
    * Responses have their headers.
    * Schemas have no `default`, from which generators conclude that callers must send the field.
    """
    document["servers"] = [{"url": "/", "description": "The server of this document."}]
    document["tags"] = [{"name": name, "description": meaning} for name, meaning in _TAGS.items()]
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    for schema in schemas.values():
        _drop_defaults(schema)
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                _declare_stream_as_text(response)
    describe_headers(document)
    return document


def _declare_stream_as_text(response: dict[str, Any]) -> None:
    stream = response.get("content", {}).get("text/event-stream")
    if stream is not None:
        stream.pop("itemSchema", None)
        stream["schema"] = {"type": "string", "description": "Server-sent events."}


def _drop_defaults(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    schema.pop("default", None)
    for keyword in _SUBSCHEMAS:
        for property_schema in schema.get(keyword, {}).values():
            _drop_defaults(property_schema)
    for keyword in _ALTERNATIVES:
        for alternative in schema.get(keyword, ()):
            _drop_defaults(alternative)
    for keyword in _NESTED:
        _drop_defaults(schema.get(keyword))
