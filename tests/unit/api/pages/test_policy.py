import base64
import hashlib

from api.pages.policy import build_policy


def hash_of(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def parse_directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (directive.split() for directive in policy.split("; "))}


def test_policy_allows_what_the_build_put_into_the_page_by_hash() -> None:
    html = '<script>start("ü")</script><style>a {\n}</style><script type="module" src="/assets/index.js"></script>'
    directives = parse_directives(build_policy(html))
    assert directives["script-src"] == ["'self'", hash_of('start("ü")')]
    assert directives["style-src"] == ["'self'", hash_of("a {\n}")]


def test_policy_without_inline_parts_allows_files_only() -> None:
    directives = parse_directives(build_policy('<div id="root"></div>'))
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    assert "frame-ancestors" not in directives  # the route adds it
