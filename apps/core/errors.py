"""Errors that become problem+json answers.

TruefilmError (workers.errors)
├── TransientError, RejectedInput, ModelError
└── RequestError          the caller's fault; status and stable code
    ├── Denied            403, the caller may not
    ├── NotFound          404, no such thing, or not for this caller
    ├── Conflict          409, the thing is in another state
    ├── Invalid           422, the request makes no sense
    └── TooLarge          413, over a limit
"""

from __future__ import annotations

from workers.errors import TruefilmError


class RequestError(TruefilmError):
    """A refusal; `detail` is for people and holds no PHI."""

    status = 400
    code = "bad_request"
    title = "Bad request"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class Denied(RequestError):
    """The caller is known and may not do this."""

    status = 403
    code = "denied"
    title = "Not allowed"


class NotFound(RequestError):
    """There is no such thing, or it is not for this caller: both look the same."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(RequestError):
    """The thing is in a state that does not allow this."""

    status = 409
    code = "conflict"
    title = "Conflict"


class Invalid(RequestError):
    """The request is well-formed and makes no sense."""

    status = 422
    code = "invalid"
    title = "Invalid request"


class TooLarge(RequestError):
    """The input is over a limit."""

    status = 413
    code = "too_large"
    title = "Too large"


def crash_site(error: BaseException) -> str:
    """Return function:line where an error was raised; unlike its words safe to log."""
    traceback = error.__traceback__
    place = "unknown"
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = f"{code.co_qualname}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
