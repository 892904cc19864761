"""Six lanes that do as they are told, and one film with its run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.core.objects import iter_file, put_stream
from apps.detection import services
from apps.detection.models import AnalysisRun
from apps.detection.services import (
    create_run,
)
from apps.imaging.models import Image
from apps.reading.services.cases import add_image_to_case
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import make_image
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    LaneName,
    LaneStatus,
)

Behaviour = Callable[[LaneName], Evidence]


def say_clear(name: LaneName) -> Evidence:
    return Evidence(name, "test", LaneStatus.CLEAR, "Nothing stood out.")


class CountingLane:
    """A lane that counts its calls and behaves as it is told."""

    version = "test"
    model_sha256: str | None = None

    def __init__(self, name: LaneName) -> None:
        self.name = name
        self.calls = 0
        self.behave: Behaviour = say_clear

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return or raise what the test wants."""
        self.calls += 1
        return self.behave(self.name)


Lanes = dict[LaneName, CountingLane]


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> Lanes:
    """Return six lanes that find nothing, in place of the real ones."""
    made = {name: CountingLane(name) for name in LaneName}
    monkeypatch.setattr(services, "active_lanes", lambda: tuple(made.values()))
    return made


@pytest.fixture
def image(hospital: Hospital, tmp_path: Path) -> Image:
    """Return a registered film with its case; its analysis has not begun."""
    stored = put_stream(iter_file(write_film(tmp_path / "a.dcm")), max_bytes=1 << 20)
    row = make_image(hospital.blind)
    row.sha256 = stored.sha256
    row.save()
    add_image_to_case(image=row, actor=None)
    return row


@pytest.fixture
def run(image: Image, lanes: Lanes) -> AnalysisRun:
    """Return the film's run, pending."""
    return create_run(image=image)
