"""The compose file is valid, complete, and holds no secret."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings

from apps.core.stack import QUEUES
from apps.imaging.management.commands.dicom_gateway import Command
from tests.house.tree import BASE_DIR

COMPOSE_TEXT = (BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
GATEWAY_TEXT = (BASE_DIR / "deploy/gateway.yml").read_text(encoding="utf-8")
GATEWAY: dict[str, Any] = yaml.safe_load(GATEWAY_TEXT)
SCHEMA = BASE_DIR / "tests/vectors/compose/compose-spec.json"


@pytest.mark.parametrize("content", [COMPOSE, GATEWAY], ids=["all", "gateway"])
def test_a_file_obeys_the_published_schema(content: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft201909Validator(schema).validate(content)


def test_the_schema_refuses_a_misspelt_key() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wrong = {"services": {"web": {"image": "x", "comand": "y"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft201909Validator(schema).validate(wrong)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_what_it_runs_and_how_to_see_that_it_lives(name: str) -> None:
    service = SERVICES[name]
    assert "image" in service or "build" in service
    assert "healthcheck" in service


@pytest.mark.parametrize("text", [COMPOSE_TEXT, GATEWAY_TEXT], ids=["all", "gateway"])
def test_secrets_come_from_the_environment_without_a_default(text: str) -> None:
    variables = re.findall(r"(?<!\$)\$\{([^}]*)\}", text)
    assert variables
    assert [name for name in variables if not re.fullmatch(r"\w+:\?.+", name)] == []
    secret = re.compile(r"(?:PASSWORD|SECRET|_KEY)$")
    for service in yaml.safe_load(text)["services"].values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name):
                assert str(value).startswith("${"), name


def test_every_queue_has_its_worker() -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    served = {
        command[command.index("-Q") + 1]
        for service in SERVICES.values()
        if "worker" in (command := service.get("command", []))
    }
    assert {*routed, settings.CELERY_TASK_DEFAULT_QUEUE} <= served
    assert set(QUEUES.split(",")) == served


def test_every_dependency_and_volume_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (BASE_DIR / source).is_file()
            else:
                assert source in COMPOSE["volumes"]


def test_the_gateways_options_exist_and_its_health_is_that_of_its_port() -> None:
    service = GATEWAY["services"]["gateway"]
    parser = Command().create_parser("manage.py", "dicom_gateway")
    options = parser.parse_args(service["command"][3:])
    _, _, port = options.listen.rpartition(":")
    assert service["ports"] == [f"{port}:{port}"]
    assert f":{int(port):04X} " in service["healthcheck"]["test"][1]
    secrets = {f"/run/secrets/{name}" for name in GATEWAY["secrets"]}
    named = {option.partition("=")[2] for option in service["command"][3:]}
    assert secrets <= named
    assert set(service["secrets"]) == set(GATEWAY["secrets"])


def test_there_is_one_scheduler() -> None:
    beats = [n for n, s in SERVICES.items() if "beat" in s.get("command", [])]
    assert beats == ["beat"]
    assert "deploy" not in SERVICES["beat"]


def test_the_image_runs_as_a_plain_user_from_the_hash_lock() -> None:
    text = (BASE_DIR / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER (?!root)\w+", text, flags=re.MULTILINE)
    assert "--require-hashes" in text
    assert "requirements-dev" not in text
