"""Renders deploy/helm with helm, and validates the manifests by the schemas of Kubernetes and KEDA."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from kubernetes_validate import utils

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm"
KEDA = "github.com/kedacore/keda/v2@v2.21.0"
KUBERNETES = "1.34.0"

Manifest = Mapping[str, Any]


class HelmError(Exception):
    """helm refused to render; the message is helm's."""


def find_helm() -> str | None:
    """Return the path of the helm that `make chart` built, else of the installed one."""
    built = ROOT / ".venv" / "bin" / "helm"
    return str(built) if built.exists() else shutil.which("helm")


def render(values: Mapping[str, Any], *, release: str = "s") -> list[Manifest]:
    """Render the manifests. Raises HelmError."""
    done = subprocess.run(
        [str(find_helm()), "template", release, str(CHART), "--kube-version", KUBERNETES, "--values", "-"],
        input=yaml.safe_dump(dict(values)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise HelmError(done.stderr)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def validate(manifest: Manifest) -> None:
    """Raises jsonschema's ValidationError, or SchemaNotFoundError for a kind without a schema."""
    group = manifest["apiVersion"].partition("/")[0]
    if group == "keda.sh":
        jsonschema.Draft202012Validator(load_keda_schema(manifest["kind"])).validate(manifest)
    else:
        utils.validate(dict(manifest), KUBERNETES, strict=True)


def load_keda_schema(kind: str) -> dict[str, Any]:
    """Load KEDA's definition of the kind, made strict: unknown fields are refused."""
    file = _download_keda() / "config" / "crd" / "bases" / f"keda.sh_{kind.lower()}s.yaml"
    if not file.exists():
        raise utils.SchemaNotFoundError(kind=kind, version=KEDA, api_version="keda.sh/v1alpha1")
    definition = yaml.safe_load(file.read_text())
    version = next(one for one in definition["spec"]["versions"] if one["name"] == "v1alpha1")
    schema = _to_strict(version["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    return schema


def _download_keda() -> Path:
    done = subprocess.run(
        ["go", "mod", "download", "-json", KEDA], capture_output=True, text=True, timeout=300, check=True
    )
    return Path(json.loads(done.stdout)["Dir"])


def _to_strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_to_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _to_strict(value) for name, value in schema.items()}
    if strict.pop("x-kubernetes-int-or-string", False):
        strict["type"] = ["integer", "string"]
        strict.pop("anyOf", None)
    is_object = strict.get("type") == "object" and isinstance(strict.get("properties"), dict)
    if is_object and not strict.get("x-kubernetes-preserve-unknown-fields"):
        strict.setdefault("additionalProperties", False)
    return strict


def select_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """Select the manifests of a kind, by name without the full name of the release."""
    return {
        re.sub(r"^s-strandline-", "", one["metadata"]["name"]): one
        for one in manifests
        if one["kind"] == kind
    }
