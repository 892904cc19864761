"""How soon people want a case read."""

from __future__ import annotations

import datetime as dt

from django.db import models


class Priority(models.IntegerChoices):
    """How soon people want a case read; never set by the system's opinion."""

    ROUTINE = 0, "routine"
    URGENT = 1, "urgent"
    STAT = 2, "stat"


# How long a case of a class may wait before the list calls it overdue.
TIME_TO_READ = {
    Priority.ROUTINE: dt.timedelta(hours=24),
    Priority.URGENT: dt.timedelta(hours=2),
    Priority.STAT: dt.timedelta(minutes=30),
}
