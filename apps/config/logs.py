"""Log lines without patient data: an exception's class and place, never its words."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


class PlaceFormatter(logging.Formatter):
    """Writes tracebacks as classes and places.

    pydicom, Pillow and databases quote header values and rows in their messages, and
    Django logs the exception of every view that fails.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a text that another formatter cached is not used."""
        cached, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = cached

    def formatException(self, ei: ExceptionInfo) -> str:
        """Return one line for each exception of the chain and each of its frames."""
        error = ei[1]
        lines: list[str] = []
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            lines.append(type(error).__qualname__)
            lines += [
                f"  {frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)
