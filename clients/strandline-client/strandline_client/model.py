"""The base of all answers, and what they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Self, TypeAlias

Nested: TypeAlias = Mapping[str, Any]
"""A model for each of these fields. Not `type[Model]`, which would mean the field `type` where a model has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Base of all answers. `raw` is the JSON object as it was received."""

    NESTED: ClassVar[Nested] = {}
    """Fields that are objects, or lists of objects, with a model of their own."""

    raw: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Build the model from a JSON object; fields that are absent or null keep their defaults.

        Raises TypeError without a required field.
        """
        given = {one.name: data[one.name] for one in fields(cls) if data.get(one.name) is not None}
        values = {name: cls._convert(name, value) for name, value in given.items() if name != "raw"}
        return cls(raw=data, **values)

    @classmethod
    def _convert(cls, name: str, value: Any) -> Any:
        """Return times as datetimes, by their names, and objects as models."""
        if name == "at" or name.endswith(("_at", "_since")):
            return datetime.fromisoformat(value)
        if (nested := cls.NESTED.get(name)) is not None:
            return tuple(map(nested.read, value)) if isinstance(value, list) else nested.read(value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Market(Model):
    """A market; `str` of it is its key, such as `binance:spot:BTCUSDT:1h`."""

    exchange: str
    symbol: str
    market_type: str
    timeframe: str

    def __str__(self) -> str:
        return f"{self.exchange}:{self.market_type}:{self.symbol}:{self.timeframe}"
