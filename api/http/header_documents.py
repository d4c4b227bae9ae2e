"""The response headers in the OpenAPI document. Pure."""

from collections.abc import Mapping
from typing import Any

from api.access.quotas import LIMITED_PATHS

_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "ETag": {
        "description": "Identifies the body: a read that sends it as `If-None-Match` gets 304 while it is the same.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where the new resource is, relative to the address of the call.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "RateLimit": {
        "description": 'What remains of each quota, and in how many seconds its window ends: `"requests";r=599;t=60`.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'The quotas of the caller, and their windows in seconds: `"requests";q=600;w=60`.',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the call is repeated.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {
        "description": "How a key is sent, besides as `X-API-Key`.",
        "schema": {"type": "string"},
    },
}
_BY_STATUS: Mapping[str, tuple[str, ...]] = {
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_TAGGED = frozenset({"application/json", "image/png", "text/plain"})
"""Streams and exports have no tag: they are sent while they are made."""
_NO_LOCATION = frozenset({"requestAnalyses", "createStreamTicket"})
"""They create several things, or nothing that can be read."""


def describe_headers(document: dict[str, Any]) -> None:
    """Add to each response of a document the headers that it may have, and 304 to reads."""
    document.setdefault("components", {})["headers"] = {name: dict(what) for name, what in _HEADERS.items()}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            if method == "get" and _has_tag(responses.get("200", {})):
                responses["304"] = {"description": "Not Modified: the body is the one that the caller has."}
            for status, response in responses.items():
                names = _name_headers(path, method, operation.get("operationId", ""), status, response)
                if names:
                    response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name_headers(
    path: str, method: str, operation: str, status: str, response: Mapping[str, Any]
) -> list[str]:
    names: list[str] = []
    if method == "get" and (status == "304" or (status == "200" and _has_tag(response))):
        names.append("ETag")
    if status in {"201", "202"} and operation not in _NO_LOCATION:
        names.append("Location")
    if path.startswith(LIMITED_PATHS):
        names += ["RateLimit", "RateLimit-Policy"]
    return [*names, *_BY_STATUS.get(status, ())]


def _has_tag(response: Mapping[str, Any]) -> bool:
    return not _TAGGED.isdisjoint(response.get("content", {}))
