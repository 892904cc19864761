"""Response headers that Django has no setting for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from apps.config.problems import problem

# Paths whose callers are programs: they get problem+json for every refusal.
PROGRAM_PATHS = ("/api/", "/dicomweb/")
REFUSALS = {
    400: ("bad_request", "Bad request", "The request cannot be understood."),
    404: ("not_found", "Not found", "There is no such address."),
    405: ("wrong_method", "Wrong method", "This address does not take that method."),
}

# 'wasm-unsafe-eval': the viewer's codecs are WebAssembly. data:/blob: images are
# canvases and previews made in the page. There is no inline script.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Set the Content-Security-Policy on every response."""

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        """Return the response with the policy on it."""
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class NoStoreMiddleware(MiddlewareMixin):
    """Keep browsers and proxies from storing what the API answers: it is PHI.

    Views that serve what may be stored, by its digest, say so themselves.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        """Return the response, marked as not to be stored."""
        if request.path.startswith(PROGRAM_PATHS):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ProblemMiddleware(MiddlewareMixin):
    """Turn the framework's own refusals under /api/ and /dicomweb/ into problem+json.

    An unknown address, a wrong method and a request that Django refuses to parse never
    reach the API's handlers.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        """Return the response, or the problem that says the same."""
        return _as_problem(request, response)


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    refusal = REFUSALS.get(response.status_code)
    if refusal is None or not request.path.startswith(PROGRAM_PATHS):
        return response
    if "json" in response.headers.get("Content-Type", ""):
        return response
    code, title, detail = refusal
    answer = problem(status=response.status_code, title=title, detail=detail, code=code)
    if "Allow" in response.headers:
        answer.headers["Allow"] = response.headers["Allow"]
    return answer
