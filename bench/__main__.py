"""`make bench`, on an empty database in a temporary folder."""

from __future__ import annotations

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
# Django must be set up before anything that imports models.
django.setup()

from bench.ingest import bench_ingest  # noqa: E402 - needs a set-up Django
from bench.log import bench_log  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    bench_log()
    bench_ingest()
