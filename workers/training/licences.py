"""What may be said about the licences of the pictures a model was trained on."""

from __future__ import annotations

from collections.abc import Sequence

from workers.training.data import Sample

_NON_COMMERCIAL = ("NC-", "non-commercial", "research", "RSNA terms")
_UNSTATED = ("none stated", "unknown", "repo no licence", "mixed", "per-image")


def _origins_with(samples: Sequence[Sample], words: tuple[str, ...]) -> list[str]:
    return sorted(
        {
            sample.origin
            for sample in samples
            if any(word.lower() in sample.licence.lower() for word in words)
        }
    )


def licence_note(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """Return the origins under non-commercial terms, and those with unclear ones.

    Read off the manifest's wording; an origin may be in both lists.
    """
    return {
        "non_commercial": _origins_with(samples, _NON_COMMERCIAL),
        "unstated_or_unclear": _origins_with(samples, _UNSTATED),
    }
