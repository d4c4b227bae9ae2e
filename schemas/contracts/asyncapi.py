"""The topics as an AsyncAPI 3.0 document: https://www.asyncapi.com/docs/reference/specification/v3.0.0."""

from typing import Any

from schemas.contracts.events import EVENTS, Event
from schemas.topics import DEAD_LETTERS, REQUESTS, TOPICS, Topic

_HEADERS = "#/components/schemas/Headers"
_BINDING = "0.5.0"


def build_asyncapi() -> dict[str, Any]:
    """Build the document: channels, operations, messages; the payloads are the JSON Schemas beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Strandline",
            "version": "1",
            "description": "Support and resistance levels of markets. CloudEvents 1.0 in Kafka's binary mode: "
            "attributes in headers, JSON in the value. Fields are only ever added within a version.",
        },
        "defaultContentType": "application/json",
        "channels": {_channel_name(topic): _channel(topic) for topic in TOPICS},
        "operations": {f"{_verb(event)}{event.title}": _operation(event) for event in EVENTS},
        "components": {
            "messages": {event.title: _message(event) for event in EVENTS} | {"DeadLetter": _dead_letter()},
            "schemas": {"Headers": _event_headers()},
        },
    }


def _channel_name(topic: Topic) -> str:
    return topic.name.split(".")[1]


def _channel(topic: Topic) -> dict[str, Any]:
    titles = [event.title for event in EVENTS if event.topic == topic]
    titles += ["DeadLetter"] if topic == DEAD_LETTERS else []
    return {
        "address": topic.name,
        "messages": {title: {"$ref": f"#/components/messages/{title}"} for title in titles},
        "bindings": {
            "kafka": {"topicConfiguration": _configuration(topic.config), "bindingVersion": _BINDING}
        },
    }


def _configuration(config: dict[str, str]) -> dict[str, Any]:
    # The binding requires numbers as numbers, and policies as a list.
    shaped = {name: int(value) if value.isdecimal() else value for name, value in config.items()}
    return shaped | {"cleanup.policy": config["cleanup.policy"].split(",")}


def _verb(event: Event) -> str:
    return "receive" if event.topic == REQUESTS else "send"


def _operation(event: Event) -> dict[str, Any]:
    channel = f"#/channels/{_channel_name(event.topic)}"
    return {
        "action": _verb(event),
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.title}"}],
    }


def _message(event: Event) -> dict[str, Any]:
    message = {
        "name": f"strandline.{event.name}",
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{event.name}.json"},
        },
        "bindings": {
            "kafka": {"key": {"type": "string", "description": event.key}, "bindingVersion": _BINDING}
        },
    }
    if event.topic == REQUESTS:
        return message | {"summary": "Headers and key may be absent: the market is read from the payload."}
    return message | {"headers": {"$ref": _HEADERS}}


def _dead_letter() -> dict[str, Any]:
    added = ("topic", "partition", "offset", "error", "time")
    return {
        "name": "strandline.DeadLetter",
        "summary": "A record that could not be decoded: its bytes, key and headers unchanged, and the error.",
        "headers": {
            "type": "object",
            "properties": {f"strandline_dl_{name}": {"type": "string"} for name in added},
        },
        "payload": {},
    }


def _event_headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": text | {"description": "equal only for an equal event"},
            "ce_type": text | {"examples": ["strandline.AnalysisCompleted.v1"]},
            "ce_source": text,
            "ce_time": text | {"format": "date-time"},
            "ce_subject": text | {"description": "the market key"},
            "content-type": {"const": "application/json"},
            "traceparent": text | {"description": "https://www.w3.org/TR/trace-context/"},
        },
    }
