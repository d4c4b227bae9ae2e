"""How often Python looks for cycles among its objects."""

import gc

_ALLOCATIONS = 20_000
_YOUNG, _MIDDLE = 20, 20


def relax_garbage_collection() -> None:
    """Look for cycles every 20,000 allocations instead of 700.

    Hundreds of requests in flight are live objects, which each search visits in vain: with Python's own thresholds that
    was a third of the CPU of the request path. What is in no cycle is freed at once in any case.
    """
    gc.set_threshold(_ALLOCATIONS, _YOUNG, _MIDDLE)
