"""Tell a function named by a participle from one named by a verb phrase. Pure."""

import ast
import re
from collections.abc import Iterator

_IRREGULAR = frozenset(
    re.findall(
        r"\w+",
        "told heard known found kept shown begun sent made written given said held bound taken gone done "
        "built spent lost met broke chosen drawn ",
    )
)
_VERBS_IN_ED = frozenset(("need", "feed", "seed", "embed", "speed", "exceed", "proceed"))

_IN_ED = re.compile(r"[a-z]+ed")


def is_participle_named(name: str) -> bool:
    """Return whether a function's name opens or closes with a past participle: `fetched`, `levels_known`.

    A regular one at the end is none: `is_closed` asks, `wait_until_closed` is a verb phrase.
    """
    words = name.strip("_").split("_")
    first, last = words[0], words[-1]
    return (
        first in _IRREGULAR
        or last in _IRREGULAR
        or (_IN_ED.fullmatch(first) is not None and first not in _VERBS_IN_ED)
    )


def iter_function_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of functions and methods; special methods and properties have other rules and are left out."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("__")
            and "property" not in map(_decorator_name, node.decorator_list)
        ):
            yield node.name


def _decorator_name(decorator: ast.expr) -> str | None:
    return getattr(decorator, "id", getattr(decorator, "attr", None))
