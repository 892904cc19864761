"""The Celery application; every process that sends tasks imports it."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import schedule
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")

app = Celery("truefilm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Leave logging as settings.LOGGING made it; Celery would replace it."""


@app.on_after_configure.connect
def add_periodic_tasks(sender: Celery, **_: object) -> None:
    """Plan the sweepers; beat must run exactly once."""
    every = schedule(run_every=settings.SWEEP_SECONDS)
    for name in (
        "apps.imaging.tasks.sweep_uploads",
        "apps.detection.tasks.sweep_runs",
        "apps.reading.tasks.promote_waiting_cases",
        "apps.reading.tasks.sweep_audits",
        "apps.reading.tasks.sweep_canaries",
        "apps.learning.tasks.sweep_practice_films",
    ):
        sender.conf.beat_schedule = {
            **(sender.conf.beat_schedule or {}),
            name: {
                "task": name,
                "schedule": every,
                "options": {"expires": settings.SWEEP_SECONDS},
            },
        }
