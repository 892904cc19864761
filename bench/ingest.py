"""What registering a film costs."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from apps.accounts.models import Department, ReadingMode, Site
from apps.core.objects import put_stream
from apps.imaging.models import UploadSource
from apps.imaging.services.uploads import open_upload, receive_file
from bench.measure import ROUNDS, measure_rate, report

FILMS = 40


def bench_ingest() -> None:
    """Storing and registering a film, against writing the synced bytes to disk."""

    site = Site.objects.create(slug="bench", name="Bench")
    department = Department.objects.create(
        site=site, slug="bench", name="Bench", reading_mode=ReadingMode.TRIAGE
    )
    random = np.random.default_rng(0)
    serial = iter(range(10**9))

    def make_film() -> bytes:
        out = io.BytesIO()
        pixels = random.integers(0, 256, (512, 512), dtype=np.uint8)
        pixels.flat[0] = next(serial) % 256
        Image.fromarray(pixels).save(out, "PNG", compress_level=1)
        return out.getvalue()

    films = [make_film() for _ in range(FILMS * ROUNDS * 2)]

    def ingest() -> None:
        upload = open_upload(
            department=department, created_by=None, source=UploadSource.API
        )
        for _ in range(FILMS):
            content = films.pop()
            stored = put_stream([content], max_bytes=len(content))
            receive_file(
                upload=upload, file_name="film.png", stored=stored, is_queued=False
            )

    with tempfile.TemporaryDirectory() as folder:

        def write() -> None:
            for _ in range(FILMS):
                content = films.pop()
                name = hashlib.sha256(content).hexdigest()
                with (Path(folder) / name).open("wb") as out:
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())

        report(
            "film received (512 x 512 PNG)",
            measure_rate(ingest, FILMS),
            "file written and synced",
            measure_rate(write, FILMS),
        )
