"""Template context."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def demo_accounts(request: HttpRequest) -> dict[str, Any]:
    """Return the demo accounts for the sign-in page, in demo deployments only."""
    if not settings.DEMO:
        return {}
    path = Path(settings.DATA_DIR) / "demo_accounts.json"
    try:
        return {"demo_accounts": json.loads(path.read_text(encoding="utf-8"))}
    except FileNotFoundError:
        return {}
