"""The single-page app's shell and the health probes."""

from __future__ import annotations

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from apps.core.objects import is_reachable


@require_safe
@login_required
@ensure_csrf_cookie
@never_cache
def app_shell(request: HttpRequest) -> HttpResponse:
    """Serve the built page; every path that is no endpoint is one of its views."""
    try:
        page = render_to_string("index.html", request=request)
    except TemplateDoesNotExist:
        return HttpResponse(
            "The frontend is not built. Run: make setup",
            status=503,
            content_type="text/plain",
        )
    return HttpResponse(page)


@never_cache
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """Send strangers to the sign-in page; refuse those who are no staff."""
    if request.user.is_authenticated:
        if request.user.is_staff:
            return redirect("/admin/")
        raise PermissionDenied
    return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, "/admin/"))


@require_safe
@never_cache
def health_live(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def health_ready(request: HttpRequest) -> HttpResponse:
    """Tell whether database, cache and object store answer; no details to strangers."""
    ready = _database_answers() and _cache_answers() and is_reachable()
    return JsonResponse(
        {"status": "ok" if ready else "not ready"}, status=200 if ready else 503
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _cache_answers() -> bool:
    try:
        cache.get("health")
    except (RedisError, OSError):
        return False
    return True
