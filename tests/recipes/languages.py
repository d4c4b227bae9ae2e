"""The commands that run the recipes of each language, as `make examples` has built them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.services import Services
from tests.support.toolchains import require_installed, require_program

EXAMPLES = Path(__file__).parents[2] / "examples"

Recipes = Callable[[str], Sequence[str]]
"""Returns the command that runs the recipe of a name; arguments follow it."""


def _find_python(_services: Services) -> Recipes:
    return lambda name: (sys.executable, str(EXAMPLES / "python" / f"{name}.py"))


def _find_typescript(services: Services) -> Recipes:
    node, built = require_program(services, "node"), EXAMPLES / "typescript" / "dist"
    require_installed(services, "npm", built / ".built", "examples")
    return lambda name: (node, str(built / f"{name.replace('_', '-')}.js"))


def _find_go(services: Services) -> Recipes:
    built = EXAMPLES / "go" / "bin"
    require_installed(services, "go", built / ".built", "examples")
    return lambda name: (str(built / name),)


def _find_java(services: Services) -> Recipes:
    java, built = require_program(services, "java"), EXAMPLES / "java" / "target"
    require_installed(services, "java", built / ".built", "examples")
    classpath = f"{built / 'classes'}:{(built / 'classpath.txt').read_text().strip()}"
    return lambda name: (java, "-XX:TieredStopAtLevel=1", "-cp", classpath, name.title().replace("_", ""))


FIND: Mapping[str, Callable[[Services], Recipes]] = {
    "python": _find_python,
    "typescript": _find_typescript,
    "go": _find_go,
    "java": _find_java,
}
