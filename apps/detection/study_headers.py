"""What is kept of the headers of a study, for the metadata lane."""

from __future__ import annotations

from dataclasses import asdict, fields

from apps.detection.models import IndexedHeader
from apps.imaging.models import Image
from workers.lanes.metadata import read_facts
from workers.types import DecodedImage, HeaderFacts

# A study of one patient and a few devices has a handful; more tell nothing new.
MOST_HEADERS = 50

_FIELDS = tuple(field.name for field in fields(HeaderFacts))


def add_header(*, image: Image, film: DecodedImage) -> None:
    """Keep what the film's header says; doing so twice changes nothing."""
    if film.header is None:
        return
    IndexedHeader.objects.get_or_create(
        image=image,
        defaults={
            "site_id": image.site_id,
            "study_key": image.study.study_instance_uid,
            **asdict(read_facts(film.header)),
        },
    )


def headers_beside(image: Image) -> tuple[HeaderFacts, ...]:
    """Return what the other films of the study say, each once. 1 query."""
    others = IndexedHeader.objects.filter(
        site_id=image.site_id, study_key=image.study.study_instance_uid
    ).exclude(image=image)
    rows = others.order_by(*_FIELDS).values_list(*_FIELDS).distinct()[:MOST_HEADERS]
    return tuple(HeaderFacts(*row) for row in rows)
