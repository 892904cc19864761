"""How the libraries that read hostile bytes are kept in hand."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydicom import config as pydicom_config
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError

from workers.errors import UnreadableFile

# What pydicom raises on hostile bytes, each seen or documented in its reader.
PARSE_ERRORS = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

# Its messages quote element values, which may be PHI.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
# Odd values are evidence for the metadata lane, not a reason to refuse a film.
pydicom_config.settings.reading_validation_mode = pydicom_config.IGNORE


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Keep a library's warnings out of logs: they quote element values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def truncated(what: str) -> UnreadableFile:
    """Return the refusal of a file that ends inside `what`."""
    return UnreadableFile(
        f"The file is cut off: it ends inside {what}.", code="truncated"
    )


def bad_header() -> UnreadableFile:
    """Return the refusal of a header that cannot be parsed."""
    return UnreadableFile("The DICOM header cannot be parsed.", code="bad_header")


def read_element(data_set: Dataset, keyword: str) -> Any:
    """Return an element's value, None where absent or not to be parsed."""
    try:
        return data_set.get(keyword)
    except PARSE_ERRORS:
        return None
