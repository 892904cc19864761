"""Half-written files of killed processes do not pile up."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings

from apps.core.objects import ABANDONED_AFTER_S, remove_abandoned_parts


def test_only_parts_that_nobody_writes_any_more_are_removed() -> None:
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    abandoned, fresh = incoming / "a.part", incoming / "b.part"
    for path in (abandoned, fresh):
        path.write_bytes(b"half a film")
    long_ago = time.time() - ABANDONED_AFTER_S - 60
    os.utime(abandoned, (long_ago, long_ago))
    assert remove_abandoned_parts() == 1
    assert [path.name for path in incoming.iterdir()] == ["b.part"]
