"""Texts as the words a worklist is searched by."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"\w+")
MAX_WORD_LENGTH = 40
MAX_WORDS = 24


def fold(text: str) -> str:
    """Return `text` without case and accents, so that "muller" finds "Müller"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def split_words(text: str) -> list[str]:
    """Return the distinct folded words of `text` in their order, at most 24.

    DICOM's carets and hyphens separate words: "Doe^Anna" is ["doe", "anna"].
    """
    words = (found.group()[:MAX_WORD_LENGTH] for found in WORD.finditer(fold(text)))
    return list(dict.fromkeys(words))[:MAX_WORDS]


def prefix_range(prefix: str) -> tuple[bytes, bytes]:
    """Return the least word that begins with `prefix`, and a bound above all such."""
    first = prefix.encode()
    return first, first + b"\xff"  # no byte of UTF-8
