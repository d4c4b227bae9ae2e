"""Recognises what was seen before, among the latest. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class RecentIds:
    """The latest `size` ids that were added."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._ids: OrderedDict[Hashable, None] = OrderedDict()

    def add(self, one: Hashable) -> bool:
        """Remember an id; return whether it is new."""
        if one in self._ids:
            return False
        self._ids[one] = None
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return True
