"""The database as a reuse index for the lanes (workers.types.ReuseIndex)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np
from django.db.models import QuerySet

from apps.detection.models import IndexedImage
from apps.imaging.models import Image
from workers.types import Fingerprint, IndexedFilm

SIGN_SHIFT = 1 << 63


def add_to_index(*, image: Image, fingerprint: Fingerprint) -> None:
    """Index an image; doing so twice changes nothing."""
    IndexedImage.objects.get_or_create(
        image=image,
        defaults={
            "site_id": image.site_id,
            "pixel_sha256": fingerprint.pixel_sha256,
            "upright_phash": fingerprint.phashes[0] - SIGN_SHIFT,
            "phashes": [str(value) for value in fingerprint.phashes],
            "aspect": fingerprint.aspect,
        },
    )


def films_of_site(site_id: uuid.UUID) -> QuerySet[IndexedImage]:
    """Return what is indexed of a site."""
    return IndexedImage.objects.filter(site_id=site_id)


class DatabaseReuseIndex:
    """The films of one site, without the image under assessment."""

    def __init__(self, image: Image) -> None:
        self._others = films_of_site(image.site_id).exclude(image=image)

    def count_films(self) -> int:
        """Return how many other films the site's index holds. 1 query."""
        return self._others.count()

    def find_candidates(
        self, fingerprint: Fingerprint, *, max_distance: int
    ) -> Sequence[IndexedFilm]:
        """Return films with the same pixels or a near hash. 2 queries.

        Compares against every hash of the site: about 10 ms per 100,000 films beside
        the read itself.
        """
        rows = list(
            self._others.values_list("image_id", "upright_phash", "pixel_sha256")
        )
        if not rows:
            return []
        upright = np.array([row[1] + SIGN_SHIFT for row in rows], dtype=np.uint64)
        views = np.array(fingerprint.phashes, dtype=np.uint64)
        distance = np.bitwise_count(upright[:, None] ^ views[None, :]).min(axis=1)
        near = [
            row[0]
            for row, bits in zip(rows, distance, strict=True)
            if bits <= max_distance or row[2] == fingerprint.pixel_sha256
        ]
        found = IndexedImage.objects.filter(pk__in=near).select_related("image__study")
        return [_to_film(row) for row in found.order_by("image__created_at")]


def _to_film(row: IndexedImage) -> IndexedFilm:
    image = row.image
    return IndexedFilm(
        film_id=str(image.pk),
        patient_key=str(image.study.patient_id),
        study_key=str(image.study_id),
        fingerprint=Fingerprint(
            pixel_sha256=row.pixel_sha256,
            phashes=tuple(int(value) for value in row.phashes),
            aspect=row.aspect,
        ),
        received_at=image.created_at,
    )


class SiteReuseIndex(DatabaseReuseIndex):
    """All films of a site, for a film that has no row among them."""

    def __init__(self, site_id: uuid.UUID) -> None:
        self._others = films_of_site(site_id)
