"""Build models from values that are valid already, such as those that our own code has just computed."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


@cache
def _set_of_fields(model: type[BaseModel]) -> set[str]:
    """Return the names of all fields; the models of a class share this set, which pydantic copies to change it."""
    return set(model.model_fields)


def construct_valid(model: type[M], fields: dict[str, Any]) -> M:
    """Return a `model` with these fields: all of its fields, in its order, valid and of the final types.

    Nothing is checked, converted or filled in. It does what pydantic's `model_construct` does for a complete set of
    fields, at a sixth of the cost. `fields` becomes the model's own.
    """
    built = model.__new__(model)
    object.__setattr__(built, "__dict__", fields)
    object.__setattr__(built, "__pydantic_fields_set__", _set_of_fields(model))
    object.__setattr__(built, "__pydantic_extra__", None)
    object.__setattr__(built, "__pydantic_private__", None)
    return built
