"""Registers the JSON Schemas with a schema registry that has Confluent's API (Confluent, Karapace, Apicurio, Redpanda).

python -m schemas.contracts.register http://localhost:8081 [--topic-prefix PREFIX]

A topic with one kind of event has the subject `<topic>-value`, as tools look for it; one with several has
`<topic>-<ce_type>` for each. Registering again changes nothing, and an incompatible schema is refused.
"""

import argparse
import base64
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import Request, urlopen

from schemas.contracts.events import EVENTS, build_json_schema

COMPATIBILITY = "FORWARD"
"""Readers of an older schema read newer events: fields are only added, and readers ignore those they do not know."""
_DIALECT = "http://json-schema.org/draft-07/schema#"
"""Some registries cannot compare schemas of a later dialect. Ours mean the same in this one, but for `$defs`."""
_TIMEOUT = 30.0
_MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"

Send = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]
"""Sends method, path and body to the registry, and returns its answer."""


class RegistryError(Exception):
    """The registry refused or did not answer; the message has its explanation."""


def build_subjects(prefix: str = "") -> dict[str, str]:
    """Return the schema of each subject, as text. Pure."""
    counts = Counter(event.topic.name for event in EVENTS)
    names = {
        event.title: "value" if counts[event.topic.name] == 1 else f"strandline.{event.name}"
        for event in EVENTS
    }
    return {
        f"{prefix}{event.topic.name}-{names[event.title]}": to_draft_7(build_json_schema(event))
        for event in EVENTS
    }


def to_draft_7(schema: Mapping[str, Any]) -> str:
    """Return the schema in the dialect that all registries read, as text. Pure."""
    definitions = {"definitions": schema["$defs"]} if "$defs" in schema else {}
    rest = {name: value for name, value in schema.items() if name != "$defs"}
    text = json.dumps(rest | definitions | {"$schema": _DIALECT}, ensure_ascii=False)
    return text.replace('"#/$defs/', '"#/definitions/')


def register(subjects: Mapping[str, str], send: Send) -> Iterable[str]:
    """Register each schema and then its compatibility; yields a line for each. Raises RegistryError."""
    for subject, schema in subjects.items():
        path = quote(subject, safe="")
        body = {"schemaType": "JSON", "schema": schema}
        answer = send("POST", f"/subjects/{path}/versions", body)
        send("PUT", f"/config/{path}", {"compatibility": COMPATIBILITY})
        yield f"{subject}: id {answer['id']}"


def connect(url: str) -> Send:
    """Return what sends to the registry at `url`, whose user and password, if any, go into a header."""
    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    headers = {"Content-Type": _MEDIA_TYPE, "Accept": f"{_MEDIA_TYPE}, application/json"}
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"

    def send(method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        request = Request(address + path, json.dumps(body).encode(), headers, method=method)  # noqa: S310 - see main
        try:
            with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - see main
                answer: Mapping[str, Any] = json.load(response)
                return answer
        except HTTPError as error:
            explanation = error.read(2_000).decode(errors="replace")
            raise RegistryError(f"{method} {path}: {error.code}: {explanation}") from error
        except (URLError, TimeoutError, ValueError) as error:
            raise RegistryError(f"{address} did not answer as a registry: {error}") from error

    return send


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns its exit code."""
    parser = argparse.ArgumentParser(description="Register the schemas of events with a schema registry.")
    parser.add_argument("url", help="of the registry, such as http://user:password@localhost:8081")
    parser.add_argument("--topic-prefix", default="", help="STRANDLINE_TOPIC_PREFIX of the installation")
    given = parser.parse_args(arguments)
    if urlsplit(given.url).scheme not in {"http", "https"}:
        parser.error("the URL has to begin with http:// or https://")
    try:
        for line in register(build_subjects(given.topic_prefix), connect(given.url)):
            sys.stdout.write(f"{line}\n")
    except RegistryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
