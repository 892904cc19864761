"""`manage.py verify_log`: recompute the log from its rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.selectors import find_first_bad_position, get_head


class Command(BaseCommand):
    """Tell whether every row still matches the log, or the first that does not."""

    help = "Recompute every leaf and the root; exit status 1 if a row was altered."

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify."""
        bad = find_first_bad_position()
        if bad is not None:
            raise CommandError(f"The log does not match its rows from entry {bad} on.")
        size, root = get_head()
        self.stdout.write(f"{size} entries match. Root {root}")
