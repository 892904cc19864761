"""Every operation of the API, asked about one case, as tests of leaks need it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from apps.config.api import api
from apps.core.objects import iter_file, put_stream
from apps.reading.models import Case
from tests.apps.reading.conftest import CANARY, SUSPICION
from tests.dicom import write_film
from tests.factories import image_of

# What a leak would look like in any answer. "suspicious" is an answer a reader gives.
TELL_TALES = (CANARY, str(SUSPICION), "suspicion", "flagged", "top_lane", '"tamper"')
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
OWN = re.compile(r"PID-[0-9a-f]{8}|Doe\^[0-9a-f]{32}|[0-9a-f]{32,64}")


def list_operations() -> Iterator[tuple[str, str]]:
    """Yield method and path of every operation."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            yield method, path


def fill_path(path: str, case: Case, upload_id: str) -> str:
    """Return the path with a value for each of its parameters."""
    subject = upload_id if "/uploads/" in path else str(case.pk)
    image_id = str(image_of(case).pk)
    values = {
        "slug": "emergency",
        "case_id": str(case.pk),
        "image_id": image_id,
        "instance_id": image_id,
        "lane": "tamper",
        "step": "read",
        "mode": "blind_first",
        "tab": image_id,
        "frame": "0",
        "n": "0",
        "position": "0",
        "question_id": image_id,
        "session_id": image_id,
        "item_id": image_id,
        "device_id": image_id,
        "authorization_id": image_id,
        "authority_id": image_id,
        "upload_id": subject,
        "view_id": image_id,
        "id": subject,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values[found.group(1)], path)


def give_film(case: Case, tmp_path: Path) -> None:
    """Put a real film behind the case's image, so that its pixels can be asked for."""
    image = image_of(case)
    path = write_film(tmp_path / "film.dcm", overrides={"PatientID": str(case.pk)[:8]})
    image.sha256 = put_stream(iter_file(path), max_bytes=1 << 20).sha256
    image.save(update_fields=["sha256"])
