"""Generate the overview page and the OpenAPI and AsyncAPI pages when the site is built."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from openapidocs.mk.v3 import OpenAPIV3DocumentationHandler

_ROOT = Path(__file__).parents[2]
_CONTRACTS = _ROOT / "schemas" / "contracts"
_LINK_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./(?!adr/)([^)]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and the OpenAPI document that one of them renders."""
    openapi = _CONTRACTS.joinpath("openapi.json").read_text(encoding="utf-8")
    asyncapi = yaml.safe_load(_CONTRACTS.joinpath("asyncapi.yaml").read_text(encoding="utf-8"))
    pages = {
        "index.md": _move_links(_ROOT.joinpath("README.md").read_text(encoding="utf-8")),
        "openapi.json": openapi,
        "rest-api.md": OpenAPIV3DocumentationHandler(json.loads(openapi)).write(),
        "event-api.md": render_asyncapi(asyncapi),
    }
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links that leave docs/ into plain names: the site does not hold those files."""
    return markdown if page.file.src_uri.startswith("adr/") else _LINK_OUTSIDE.sub(r"\1 (`\2`)", markdown)


def render_asyncapi(document: dict[str, Any]) -> str:
    """Return the AsyncAPI document as Markdown: one section per topic with its settings, messages and schemas."""
    lines = ["# Event API", "", document["info"]["description"], ""]
    for channel in document["channels"].values():
        settings = channel["bindings"]["kafka"].get("topicConfiguration", {})
        lines += [f"## `{channel['address']}`", ""]
        lines += [f"* `{name}`: {_join(value)}" for name, value in settings.items()]
        for message in channel["messages"].values():
            lines += ["", *_render_message(document, message["$ref"].rsplit("/", 1)[-1])]
        lines.append("")
    return "\n".join(lines)


def _render_message(document: dict[str, Any], name: str) -> list[str]:
    message = document["components"]["messages"][name]
    lines = [f"### {name}", ""]
    if summary := message.get("summary") or message.get("description"):
        lines += [summary, ""]
    schema = message.get("payload", {})
    schema = schema.get("schema", schema)
    return [*lines, '??? note "JSON Schema"', "", *_indent_json(schema)]


def _indent_json(value: object) -> list[str]:
    block = ["```json", *json.dumps(value, indent=2, ensure_ascii=False).splitlines(), "```"]
    return [f"    {line}" for line in block]


def _join(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _move_links(readme: str) -> str:
    """Return the README as a page of the site: links into docs/ become links beside it."""
    inside = re.sub(r"\[([^\]]+)\]\((?!https?:|#|docs/)([^)]+)\)", r"\1 (`\2`)", readme)
    return inside.replace("](docs/", "](")
