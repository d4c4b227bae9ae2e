"""A bounded mapping that drops the least recently used entries first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruDict(Generic[K, V]):
    """Holds entries up to a total weight of `max_weight`; by default each entry weighs 1.

    `get` and `put` make an entry the most recently used. An entry heavier than `max_weight` is not kept at all.
    """

    def __init__(self, max_weight: int, weigh: Callable[[V], int] | None = None) -> None:
        self._max_weight = max_weight
        self._weigh = weigh or (lambda _: 1)
        self._entries: OrderedDict[K, V] = OrderedDict()
        self.weight = 0

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return the entry and mark it as used; None where there is none."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def put(self, key: K, value: V) -> None:
        """Store `value` under `key`, then drop least recently used entries until the weight is within its bound."""
        self.drop(key)
        weight = self._weigh(value)
        if weight > self._max_weight:
            return
        self._entries[key] = value
        self.weight += weight
        while self.weight > self._max_weight:
            self.drop(next(iter(self._entries)))

    def drop(self, key: K) -> None:
        """Remove the entry of `key`, if there is one."""
        if key in self._entries:
            self.weight -= self._weigh(self._entries.pop(key))
