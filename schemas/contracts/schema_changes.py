"""Finds what a program that relies on one JSON Schema would notice in its successor. Pure.

An added optional field is never noticed. Anything else narrows the schema (values that were valid no longer are) or
widens it (values are valid that were not). Who notices depends on who writes the values.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

Schema = Mapping[str, Any]


class Direction(Enum):
    """Who writes the values: a request is theirs, a response ours; old and new programs read old and new events."""

    REQUEST = "request"
    RESPONSE = "response"
    EVENT = "event"


class Change(NamedTuple):
    """One difference."""

    path: str
    text: str
    narrows: bool
    widens: bool

    def breaks(self, direction: Direction) -> bool:
        """Return whether programs of before notice it."""
        return (self.narrows and direction is not Direction.RESPONSE) or (
            self.widens and direction is not Direction.REQUEST
        )


class Pair(NamedTuple):
    """A schema and its successor, the documents to which their references lead, and the ids of the objects above."""

    old: Schema
    new: Schema
    old_root: Schema
    new_root: Schema
    path: str
    above: frozenset[int] = frozenset()

    def descend(self, old: Schema, new: Schema, step: str = "") -> "Pair":
        return self._replace(old=old, new=new, path=self.path + step)


_ANNOTATIONS = {
    "$defs", "$id", "$schema", "default", "deprecated", "description", "discriminator", "example", "examples", "title",
}  # fmt: skip
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_COMPARED_APART = {
    "$ref", "additionalProperties", "anyOf", "const", "enum", "items", "oneOf", "properties", "required", "type",
    *_LOWER_BOUNDS, *_UPPER_BOUNDS,
}  # fmt: skip


def find_breaking_changes(pair: Pair, direction: Direction) -> list[str]:
    """Return a line for each change that breaks programs of before; empty if there is none."""
    return sorted({f"{one.path}: {one.text}" for one in _compare(pair) if one.breaks(direction)})


def _compare(pair: Pair) -> Iterator[Change]:
    old, new = _list_alternatives(pair.old, pair.old_root), _list_alternatives(pair.new, pair.new_root)
    for before, after in _match(old, new):
        if before is not None and after is not None:
            yield from _compare_types(pair.descend(before, after))
        elif before is not None and not _take_any(new):
            yield Change(pair.path, f"type {_name_type(before)} is gone", narrows=True, widens=False)
        elif after is not None and not _take_any(old):
            yield Change(pair.path, f"type {_name_type(after)} is new", narrows=False, widens=True)


def _list_alternatives(schema: Schema, root: Schema) -> list[Schema]:
    """Return the schemas of which a value fits one, each with a single type or none."""
    schema = resolve(schema, root)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            rest = {name: value for name, value in schema.items() if name != keyword}
            return [{**rest, **one} for option in schema[keyword] for one in _list_alternatives(option, root)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": one} for one in schema["type"]]
    return [schema]


def resolve(schema: Schema, root: Schema) -> Schema:
    """Return the schema that a reference leads to, with what stands beside the reference."""
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _match(old: Sequence[Schema], new: Sequence[Schema]) -> Iterator[tuple[Schema | None, Schema | None]]:
    """Pair alternatives of one type, by title if there are several; one without partner is paired with None."""
    rest = list(new)
    for before in old:
        partners = [one for one in rest if _is_same_kind(before, one)]
        named = [one for one in partners if one.get("title") == before.get("title")]
        partner = next(iter(named or partners), None)
        if partner is not None:
            rest.remove(partner)
        yield before, partner
    yield from ((None, one) for one in rest)


def _is_same_kind(one: Schema, other: Schema) -> bool:
    types = {one.get("type"), other.get("type")}
    return len(types) == 1 or types == {"integer", "number"}


def _take_any(alternatives: Sequence[Schema]) -> bool:
    return any("type" not in one for one in alternatives)


def _name_type(schema: Schema) -> str:
    return str(schema.get("type", "any"))


def _compare_types(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.get("type"), pair.new.get("type")
    if old != new:
        grew = new == "number"
        yield Change(pair.path, f"type was {old} and is {new}", narrows=not grew, widens=grew)
    yield from _compare_constraints(pair)


def _compare_constraints(pair: Pair) -> Iterator[Change]:
    yield from _compare_sets(pair)
    yield from _compare_bounds(pair)
    for name in sorted((pair.old.keys() | pair.new.keys()) - _ANNOTATIONS - _COMPARED_APART):
        old, new = pair.old.get(name), pair.new.get(name)
        if old != new:
            yield Change(
                pair.path,
                f"{name} was {old!r} and is {new!r}",
                narrows=new is not None,
                widens=old is not None,
            )
    yield from _compare_fields(pair)
    for name, step in (("items", "[]"), ("additionalProperties", ".*")):
        yield from _compare_parts(pair, name, step)


def _compare_sets(pair: Pair) -> Iterator[Change]:
    old, new = _read_set(pair.old), _read_set(pair.new)
    if old == new:
        return
    gone = sorted(map(repr, (old or set()) - (new or set())))
    added = sorted(map(repr, (new or set()) - (old or set())))
    if new is not None and (old is None or gone):
        yield Change(pair.path, f"enum lost {', '.join(gone) or 'all other values'}", True, False)
    if old is not None and (new is None or added) and not _may_grow(pair):
        yield Change(pair.path, f"enum gained {', '.join(added) or 'all other values'}", False, True)


def _read_set(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _may_grow(pair: Pair) -> bool:
    """Return whether a set stays one and its readers have always been warned that it gains values."""
    texts = (pair.old.get("description", ""), pair.new.get("description", ""))
    return all("may grow" in text for text in texts) and _read_set(pair.new) is not None


def _compare_bounds(pair: Pair) -> Iterator[Change]:
    for names, sign in ((_LOWER_BOUNDS, 1), (_UPPER_BOUNDS, -1)):
        for name in names:
            old, new = pair.old.get(name), pair.new.get(name)
            if old == new:
                continue
            narrows = old is None or (new is not None and (new - old) * sign > 0)
            yield Change(pair.path, f"{name} was {old} and is {new}", narrows, not narrows)


def _compare_fields(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.get("properties", {}), pair.new.get("properties", {})
    if "properties" in pair.old:
        if id(old) in pair.above:
            return
        pair = pair._replace(above=pair.above | {id(old)})
    was, is_now = set(pair.old.get("required", ())), set(pair.new.get("required", ()))
    for name in old.keys() - new.keys():
        yield Change(f"{pair.path}.{name}", "the field is gone", True, True)
    for name in is_now - was:
        yield Change(f"{pair.path}.{name}", "the field is required and was not", True, False)
    for name in (was - is_now) & new.keys():
        yield Change(f"{pair.path}.{name}", "the field was always there and is optional", False, True)
    for name in old.keys() & new.keys():
        yield from _compare(pair.descend(old[name], new[name], f".{name}"))


def _compare_parts(pair: Pair, name: str, step: str) -> Iterator[Change]:
    old, new = _read_part(pair.old.get(name)), _read_part(pair.new.get(name))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _compare(pair.descend(old, new, step))
    elif old != new:
        narrows = new is not None and old is not False
        yield Change(
            pair.path, f"{name} was {old!r} and is {new!r}", narrows, old is not None and new is not False
        )


def _read_part(value: Any) -> Any:
    """Return the schema of parts; None where anything is allowed."""
    return None if value in ({}, True) else value
