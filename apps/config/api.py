"""The API of all apps under one roof: authentication, problems, routers."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apps.accounts.api import router as accounts_router
from apps.accounts.auth import API_AUTH
from apps.config.problems import problem
from apps.core.errors import RequestError, crash_site
from apps.imaging.api import devices, images, stow, uploads
from apps.insights.api import audit, departments, own, summary
from apps.learning.api import router as learning_router
from apps.learning.practice_api import router as practice_router
from apps.reading.api import router as reading_router
from apps.reading.api_rulings import router as rulings_router
from apps.reading.asking_api import router as asking_router
from apps.reading.authorization_api import router as authorization_router
from apps.reading.bulk_api import router as bulk_router
from apps.reading.columns_api import router as columns_router
from apps.reading.compare_api import router as compare_router
from apps.reading.drafts_api import router as drafts_router
from apps.reading.pause_api import router as pause_router
from apps.reading.presence_api import router as presence_router
from apps.reading.timeline_api import router as timeline_router
from apps.reading.views_api import router as views_router
from apps.reading.worklist_api import router as worklist_router
from workers.errors import RejectedInput, TransientError

logger = logging.getLogger(__name__)

api = NinjaAPI(
    title="Truefilm",
    version="1",
    auth=API_AUTH,
    openapi_url="/openapi.json",
    docs_url=None,
    docs_decorator=login_required,
    urls_namespace="api",
)
api.add_router("", accounts_router)
api.add_router("", reading_router)
api.add_router("", authorization_router)
api.add_router("", worklist_router)
api.add_router("", bulk_router)
api.add_router("", views_router)
api.add_router("", columns_router)
api.add_router("", rulings_router)
api.add_router("", compare_router)
api.add_router("", drafts_router)
api.add_router("", presence_router)
api.add_router("", pause_router)
api.add_router("", asking_router)
api.add_router("", timeline_router)
api.add_router("", uploads.router)
api.add_router("", images.router)
api.add_router("", devices.router)
api.add_router("", audit.router)
api.add_router("", summary.router)
api.add_router("", own.router)
api.add_router("", departments.router)
api.add_router("", learning_router)
api.add_router("", practice_router)

dicomweb = NinjaAPI(
    title="Truefilm DICOMweb",
    version="1",
    auth=API_AUTH,
    openapi_url=None,
    docs_url=None,
    urls_namespace="dicomweb",
)
dicomweb.add_router("", stow.router)


def on_request_error(request: HttpRequest, error: RequestError) -> HttpResponse:
    """Answer a refusal."""
    return problem(
        status=error.status, title=error.title, detail=error.detail, code=error.code
    )


def on_rejected_input(request: HttpRequest, error: RejectedInput) -> HttpResponse:
    """Answer for a film that cannot be shown."""
    return problem(
        status=422, title="Unreadable film", detail=error.message, code=error.code
    )


def on_transient(
    request: HttpRequest, error: Exception | type[Exception]
) -> HttpResponse:
    """Answer while a part of the system is out of reach; the log gets what kind of
    failure it was, never its words: they may quote the data."""
    cause = getattr(error, "__cause__", None)
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    logger.warning("try again: %s %s", type(error).__name__, code or "")
    response = problem(
        status=503,
        title="Try again",
        detail="A part of the system is busy. Nothing was lost.",
        code="try_again",
    )
    response.headers["Retry-After"] = "2"
    return response


def on_unauthenticated(
    request: HttpRequest, error: AuthenticationError
) -> HttpResponse:
    """Answer a stranger."""
    response = problem(
        status=401, title="Sign in", detail="Sign in first.", code="sign_in"
    )
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what the framework refused (CSRF, malformed JSON)."""
    return problem(
        status=error.status_code,
        title="Refused",
        detail=str(error),
        code="csrf" if error.status_code == 403 else "bad_request",
    )


def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a body or query that does not fit; values are not echoed (PHI)."""
    fields = [
        {"loc": [str(part) for part in item["loc"]], "msg": item["msg"]}
        for item in error.errors
    ]
    return problem(
        status=422,
        title="Invalid request",
        detail="; ".join(f"{f['loc'][-1]}: {f['msg']}" for f in fields),
        code="invalid",
        errors=fields,
    )


def on_unparsable(
    request: HttpRequest, error: Exception | type[Exception]
) -> HttpResponse:
    """Answer a body that Django refuses: broken multipart, too many files or fields."""
    return problem(
        status=400,
        title="Bad request",
        detail="The body cannot be read: it is malformed or holds too many parts.",
        code="bad_request",
    )


def on_crash(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer for a defect of ours; the log gets its class and place, never its words,
    since libraries put header values into messages."""
    if isinstance(error, Exception):
        name, place = type(error).__name__, crash_site(error)
        logger.error("request failed: %s at %s", name, place)
    return problem(
        status=500,
        title="Our fault",
        detail="Something failed on our side. Nothing that was saved is lost.",
        code="internal",
    )


for one in (api, dicomweb):
    one.add_exception_handler(Exception, on_crash)
    one.add_exception_handler(RequestError, on_request_error)  # type: ignore[arg-type]
    one.add_exception_handler(RejectedInput, on_rejected_input)  # type: ignore[arg-type]
    one.add_exception_handler(MultiPartParserError, on_unparsable)
    one.add_exception_handler(SuspiciousOperation, on_unparsable)
    one.add_exception_handler(TransientError, on_transient)
    one.add_exception_handler(OperationalError, on_transient)
    one.add_exception_handler(AuthenticationError, on_unauthenticated)  # type: ignore[arg-type]
    one.add_exception_handler(HttpError, on_http_error)  # type: ignore[arg-type]
    one.add_exception_handler(ValidationError, on_validation_error)  # type: ignore[arg-type]
