"""The child's side: import a method, call it for each request, and answer with plain numbers.

Only numbers, texts and lists cross to the parent, so that no class of a method is ever loaded there.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from levels import Candles

COLUMNS = ("time", "open", "high", "low", "close", "volume")
FIELDS = ("price", "low", "high", "score")

Request = tuple[np.ndarray, ...]
Answer = tuple[bool, Any]
"""Whether the method returned, and either (price, low, high, score) of each level or the error's text."""


def serve(connection: Connection, target: str) -> None:
    """Answer requests until the parent closes the connection."""
    try:
        method: Any = _load(target)
    except BaseException as error:  # noqa: BLE001 - whatever an import raises is the answer
        method = _fail_with(error)
    while True:
        try:
            columns: Request = connection.recv()
        except EOFError:
            return
        connection.send(_answer(method, columns))


def _load(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def _fail_with(error: BaseException) -> Any:
    def fail(_candles: Candles) -> None:
        raise error

    return fail


def _answer(method: Any, columns: Request) -> Answer:
    try:
        found = method(Candles(**dict(zip(COLUMNS, columns, strict=True))))
        return True, _to_numbers(found)
    except BaseException as error:  # noqa: BLE001 - a method may raise anything, SystemExit too
        return False, f"{type(error).__name__}: {error}"[:500]


def _to_numbers(found: Iterable[Any]) -> list[tuple[float | None, ...]]:
    return [_to_row(level) for level in found]


def _to_row(level: Any) -> tuple[float | None, ...]:
    """Return price, low, high and score of a number, a mapping or an object; what it lacks is None."""
    if isinstance(level, Mapping):
        values = [level.get(name) for name in FIELDS]
    elif hasattr(level, "price"):
        values = [getattr(level, name, None) for name in FIELDS]
    else:
        values = [level, None, None, None]
    return tuple(None if value is None else float(value) for value in values)
