"""Count the words of docstrings, and those that stand in for a technical term. Pure."""

import ast
import re
from collections.abc import Iterator

DIALECT = frozenset(
    re.findall(
        r"\w+",
        "told tell tells say says said heard hear hears nobody somebody whoever anybody whatever lately anew "
        "meanwhile mend mended ",
    )
)

_WORD = re.compile(r"[A-Za-z']+")


def iter_docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            if docstring:
                yield docstring


def split_words(text: str) -> list[str]:
    """Return the words of `text` in lower case, in order."""
    return _WORD.findall(text.lower())
