"""Errors that cross the border between `workers` and `apps`.

TruefilmError
├── TransientError        a retry may help (a store or index was out of reach)
├── RejectedInput         the sender's fault: keep the bytes, tell why, do not retry
│   ├── UnreadableFile    not a film: empty, truncated, not an image, not DICOM
│   ├── UnsupportedImage  a film we cannot decode: codec, layout, no pixels
│   └── LimitExceeded     larger than the limits allow (pixels, bytes, members, ratio)
└── ModelError            ours: a model file is missing, altered or unlike its card
"""

from __future__ import annotations


class TruefilmError(Exception):
    """Base of every error raised on purpose."""


class TransientError(TruefilmError):
    """A retry may help."""


class RejectedInput(TruefilmError):
    """The input cannot be used; `code` is stable, `message` for people, without PHI."""

    code = "rejected"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class UnreadableFile(RejectedInput):
    """The bytes are not a readable film."""

    code = "unreadable"


class UnsupportedImage(RejectedInput):
    """The file is sound, but its picture cannot be decoded here."""

    code = "unsupported"


class LimitExceeded(RejectedInput):
    """The input is larger than a limit; the message names the limit."""

    code = "limit_exceeded"


class ModelError(TruefilmError):
    """A model file is missing, was altered, or does not fit its card."""
