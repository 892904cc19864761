"""The real addresses and two that fail with a patient's name in their words."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI

from apps.config.api import on_crash
from apps.config.urls import urlpatterns as real

failing = NinjaAPI(urls_namespace="failing", openapi_url=None, docs_url=None)
failing.add_exception_handler(Exception, on_crash)


@failing.get("/crash")
def crash_in_api(request: HttpRequest) -> None:
    """Fail as a library does that quotes the header."""
    raise ValueError("SMITH^JOHN 19700101")


def crash_in_page(request: HttpRequest) -> HttpResponse:
    """Fail outside the API."""
    try:
        raise KeyError("SMITH^JOHN")
    except KeyError as error:
        raise ValueError("19700101") from error


def suspicious(request: HttpRequest) -> HttpResponse:
    """Refuse as Django does."""
    raise SuspiciousOperation("SMITH^JOHN")


urlpatterns = [
    path("api/v1/failing/", failing.urls),
    path("page/crash", crash_in_page),
    path("api/suspicious", suspicious),
    *real,
]
