"""Finds what callers of one OpenAPI document would notice in its successor. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.contracts.schema_changes import Direction, Pair, find_breaking_changes, resolve

Json = Mapping[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def find_broken_calls(old: Json, new: Json) -> list[str]:
    """Return a line for each change that breaks programs which were written for `old`; empty if there is none.

    Errors are compared where both documents have them: a call may gain and lose reasons to fail.
    """
    return sorted(set(_compare_calls(old, new)))


def _compare_calls(old: Json, new: Json) -> Iterator[str]:
    for path, method, before in _list_calls(old):
        name = f"{method.upper()} {path}"
        after = new["paths"].get(path, {}).get(method)
        if after is None:
            yield f"{name}: the call is gone"
            continue
        if before.get("operationId") != after.get("operationId"):
            yield f"{name}: operationId was {before.get('operationId')} and is {after.get('operationId')}"
        yield from _Call(name, old, new).compare(before, after)


def _list_calls(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


class _Call:
    """Compares two versions of one call, each within its document."""

    def __init__(self, name: str, old: Json, new: Json) -> None:
        self._name = name
        self._old = old
        self._new = new

    def compare(self, old: Json, new: Json) -> Iterator[str]:
        yield from self._compare_parameters(
            self._list_parameters(old, self._old), self._list_parameters(new, self._new)
        )
        yield from self._compare_bodies(old.get("requestBody"), new.get("requestBody"))
        for status, before in old["responses"].items():
            yield from self._compare_responses(status, before, new["responses"].get(status))

    @staticmethod
    def _list_parameters(call: Json, root: Json) -> dict[str, Json]:
        found = (resolve(one, root) for one in call.get("parameters", ()))
        return {f"{one['in']} parameter {one['name']}": one for one in found}

    def _compare_parameters(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[str]:
        for name in old.keys() - new.keys():
            yield f"{self._name} {name}: the parameter is gone"
        for name, after in new.items():
            was_required = name in old and old[name].get("required", False)
            if after.get("required", False) and not was_required:
                yield f"{self._name} {name}: the parameter is required and was not"
        for name in old.keys() & new.keys():
            schemas = old[name].get("schema", {}), new[name].get("schema", {})
            yield from self._compare_schemas(*schemas, name, Direction.REQUEST)

    def _compare_bodies(self, old: Json | None, new: Json | None) -> Iterator[str]:
        if new is not None and new.get("required", False) and not (old or {}).get("required", False):
            yield f"{self._name} body: it is required and was not"
        if old is not None:
            yield from self._compare_contents(old, new or {}, "body", Direction.REQUEST)

    def _compare_responses(self, status: str, old: Json, new: Json | None) -> Iterator[str]:
        is_error = not status.startswith(("2", "3"))
        if new is None:
            if not is_error:
                yield f"{self._name} {status}: the response is gone"
            return
        old, new = resolve(old, self._old), resolve(new, self._new)
        yield from self._compare_contents(old, new, status, Direction.RESPONSE)
        for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield f"{self._name} {status}: the header {name} is gone"

    def _compare_contents(self, old: Json, new: Json, place: str, direction: Direction) -> Iterator[str]:
        before, after = old.get("content", {}), new.get("content", {})
        for media in before.keys() - after.keys():
            yield f"{self._name} {place}: {media} is gone"
        for media in before.keys() & after.keys():
            schemas = before[media].get("schema", {}), after[media].get("schema", {})
            yield from self._compare_schemas(*schemas, place, direction)

    def _compare_schemas(self, old: Json, new: Json, place: str, direction: Direction) -> Iterator[str]:
        pair = Pair(old, new, self._old, self._new, f"{self._name} {place}")
        yield from find_breaking_changes(pair, direction)
