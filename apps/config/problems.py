"""RFC 9457 problems, the one shape of every refusal to a program."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse


def problem(
    *, status: int, title: str, detail: str, code: str, **more: Any
) -> HttpResponse:
    """Return a problem+json answer (RFC 9457)."""
    body = {
        "type": f"https://truefilm.invalid/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")
