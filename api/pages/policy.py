"""The content security policy of a built page: our files, and the script and the style that the build put into it."""

import base64
import hashlib
import re

# The build writes both without attributes; an element with a `src` is a file and is not matched.
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def build_policy(html: str) -> str:
    """Return the policy that allows the inline script and style of `html` by their hashes, and nothing else inline.

    Who may frame the page is not part of it.
    """
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(html):
        hashes[kind].append(_hash_source(content))
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *hashes["script"])),
            # Styles that scripts set on single elements are outside every policy.
            " ".join(("style-src 'self'", *hashes["style"])),
            "font-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash_source(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
