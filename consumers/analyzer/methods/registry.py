"""Find methods: entry points of the group `strandline.methods`, such as

[project.entry-points."strandline.methods"]
swings = "my_package.levels:find_levels"
"""

from importlib.metadata import entry_points

from consumers.analyzer.methods.errors import UnknownMethod

GROUP = "strandline.methods"
PREFIX = "plugin:"
"""`params.method` of a request is `plugin:NAME`."""


def list_methods() -> dict[str, str]:
    """Return `module:function` by name; nothing is imported."""
    return {point.name: point.value for point in entry_points(group=GROUP)}


def find_method(method: str) -> str:
    """Return the `module:function` of `plugin:NAME`. Raises UnknownMethod."""
    name, offered = method.removeprefix(PREFIX), list_methods()
    if name not in offered:
        there = ", ".join(sorted(offered)) or "none"
        raise UnknownMethod(
            f"no method {name!r} is installed: install its package here, or use one of: {there}"
        )
    return offered[name]
