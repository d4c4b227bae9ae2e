"""The registration of schemas: subjects, the dialect, and what is sent to a registry."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft7Validator

from schemas.contracts.events import EVENTS, build_json_schema
from schemas.contracts.register import RegistryError, build_subjects, connect, main, register, to_draft_7
from schemas.contracts.schema_changes import Direction, Pair, find_breaking_changes
from tests.support.events import make_completed, make_fired

RESULTS = "strandline.results.v1-value"
FIRED = "strandline.watch-events.v1-strandline.WatchFired.v1"


class Registry(BaseHTTPRequestHandler):
    """A stand-in with what registering uses of Confluent's API: versions of subjects, ids, FORWARD compatibility."""

    ids: list[str]
    versions: dict[str, list[str]]
    levels: dict[str, str]
    callers: set[str | None]

    def do_POST(self) -> None:
        subject, schema = self._read_subject("/subjects/"), self._read()["schema"]
        versions = self.versions.setdefault(subject, [])
        if errors := self._find_errors(subject, schema):
            self._answer(409, {"error_code": 409, "message": f"Incompatible schema: {errors}"})
            return
        if schema not in versions:
            versions.append(schema)
        if schema not in self.ids:
            self.ids.append(schema)
        self._answer(200, {"id": self.ids.index(schema) + 1})

    def do_PUT(self) -> None:
        body = self._read()
        self.levels[self._read_subject("/config/")] = body["compatibility"]
        self._answer(200, body)

    def _find_errors(self, subject: str, schema: str) -> list[str]:
        """Return why readers of the last version could not read events of `schema`."""
        versions = self.versions[subject]
        if not versions or self.levels.get(subject) != "FORWARD":
            return []
        old, new = json.loads(versions[-1]), json.loads(schema)
        return find_breaking_changes(Pair(old, new, old, new, "#"), Direction.RESPONSE)

    def _read_subject(self, prefix: str) -> str:
        return unquote(self.path.removeprefix(prefix).removesuffix("/versions"))

    def _read(self) -> Any:
        self.callers.add(self.headers["Authorization"])
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    Registry.ids, Registry.versions, Registry.levels, Registry.callers = [], {}, {}, set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_subjects_have_the_prefix_and_the_type_where_a_topic_has_several() -> None:
    subjects = build_subjects("desk.")
    assert {f"desk.{RESULTS}", f"desk.{FIRED}"} <= subjects.keys()
    assert "desk.strandline.watch-events.v1-value" not in subjects


@pytest.mark.parametrize(("subject", "event"), [(RESULTS, make_completed()), (FIRED, make_fired())])
def test_registered_schema_reads_events_as_draft_7(subject: str, event: Any) -> None:
    schema = json.loads(build_subjects()[subject])
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    payload = json.loads(event.model_dump_json())
    validator.validate(payload)
    assert list(validator.iter_errors(payload | {"symbol": 7, "market": {}}))


def test_registration_sends_schema_and_compatibility_and_can_be_repeated() -> None:
    sent: list[tuple[str, str, Mapping[str, Any]]] = []

    def send(method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        sent.append((method, path, body))
        return {"id": 5}

    assert list(register({"a/b": "{}"}, send)) == ["a/b: id 5"]
    assert sent == [
        ("POST", "/subjects/a%2Fb/versions", {"schemaType": "JSON", "schema": "{}"}),
        ("PUT", "/config/a%2Fb", {"compatibility": "FORWARD"}),
    ]


def test_command_registers_all_schemas_and_again_makes_no_new_version(
    registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://user:p%40ss@{registry}/"
    assert main([url]) == 0
    first = capsys.readouterr().out
    assert main([url]) == 0
    assert capsys.readouterr().out == first
    assert {subject: len(versions) for subject, versions in Registry.versions.items()} == dict.fromkeys(
        build_subjects(), 1
    )
    assert Registry.callers == {f"Basic {base64.b64encode(b'user:p@ss').decode()}"}


@pytest.mark.parametrize("title", [event.title for event in EVENTS])
def test_registry_accepts_an_optional_field_and_refuses_incompatible_changes(
    registry: str, title: str
) -> None:
    event = next(event for event in EVENTS if event.title == title)
    schema = build_json_schema(event)
    send = connect(f"http://{registry}")
    list(register({"s": to_draft_7(schema)}, send))
    field = min(schema["properties"])
    rest = {name: value for name, value in schema["properties"].items() if name != field}
    for properties in (rest, schema["properties"] | {field: {"type": "boolean"}}):
        with pytest.raises(RegistryError, match=f"POST /subjects/s/versions: 409.*Incompatible.*{field}"):
            list(register({"s": to_draft_7(schema | {"properties": properties})}, send))
    grown = schema | {"properties": schema["properties"] | {"extra": {"type": "string"}}}
    assert list(register({"s": to_draft_7(grown)}, send)) == ["s: id 2"]
    assert len(Registry.versions["s"]) == 2


def test_unreachable_registry_is_reported_without_its_password(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://user:secret@127.0.0.1:1"]) == 1
    error = capsys.readouterr().err
    assert "did not answer" in error
    assert "secret" not in error
