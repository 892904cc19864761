"""Pixels of a stored film as HTTP answers; who may see them is asked before."""

from __future__ import annotations

import hashlib
import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags

from apps.core.objects import open_local
from apps.imaging.models import Image, ImagePlane
from apps.imaging.schemas import (
    DisplayOut,
    ImageMetaOut,
    PlaneOut,
    SeriesOut,
    SliceOut,
    TechniqueOut,
    WindowOut,
)
from apps.imaging.services.ingest import decode_limits
from workers.decode import decode_frame
from workers.dicom.display import DisplayFacts
from workers.dicom.viewer import read_viewer_meta

# Pixels of a content-addressed object never change; "private" keeps PHI out of proxies.
IMMUTABLE = "private, max-age=31536000, immutable"


def describe_film(*, film_id: uuid.UUID, sha256: str) -> ImageMetaOut:
    """Return a film's stored values as its file describes them, under `film_id`."""
    with open_local(sha256) as path:
        meta = read_viewer_meta(path, limits=decode_limits())
    return ImageMetaOut(
        id=film_id,
        rows=meta.rows,
        columns=meta.columns,
        frame_count=meta.frame_count,
        samples=meta.samples,
        bits_stored=meta.bits_stored,
        is_signed=meta.is_signed,
        dtype=meta.dtype,
        photometric=meta.photometric,
        slope=meta.slope,
        intercept=meta.intercept,
        windows=[
            WindowOut(center=w.center, width=w.width, label=w.label)
            for w in meta.windows
        ],
        voi_function=meta.voi_function,
        spacing_mm=meta.spacing_mm,
        spacing_note=meta.spacing_note,
        pixel_min=meta.pixel_min,
        pixel_max=meta.pixel_max,
        display=_shape_display(meta.display),
    )


def _shape_display(facts: DisplayFacts) -> DisplayOut:
    return DisplayOut(
        modality=facts.modality,
        value_unit=facts.value_unit,
        orientation=facts.orientation,
        spacing_frame=facts.spacing_frame,
        technique=[TechniqueOut(label=name, value=v) for name, v in facts.technique],
    )


def describe_series(images: list[Image]) -> SeriesOut:
    """Return the images of one series, at least one, with their planes loaded."""
    return SeriesOut(
        modality=images[0].series.modality,
        images=[
            SliceOut(
                id=image.pk,
                series_id=image.series_id,
                rows=image.rows,
                columns=image.columns,
                frame_count=image.frame_count,
                plane=_shape_plane(image),
            )
            for image in images
        ],
    )


def _shape_plane(image: Image) -> PlaneOut | None:
    plane: ImagePlane | None = getattr(image, "plane", None)
    if plane is None:
        return None
    uid = plane.frame_of_reference_uid
    return PlaneOut(
        # Enough to compare by. The UID itself would name the device to a blind reader.
        frame_of_reference=hashlib.sha256(uid.encode()).hexdigest()[:16] if uid else "",
        normal=plane.normal,
        positions_mm=plane.positions_mm,
    )


def serve_frame(
    request: HttpRequest, *, sha256: str, frame: int, version: str
) -> HttpResponse:
    """Answer with the stored values of one frame: little endian, row-major.

    version: names the frame in its ETag.
    """
    headers = cache_headers(version)
    if is_known(request, headers):
        return HttpResponseNotModified(headers=headers)
    with open_local(sha256) as path:
        values = decode_frame(path, frame, limits=decode_limits()).values
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return HttpResponse(
        little.tobytes(), content_type="application/octet-stream", headers=headers
    )


def cache_headers(version: str) -> dict[str, str]:
    """Return the headers of an answer that never changes."""
    return {"ETag": f'"{version}"', "Cache-Control": IMMUTABLE}


def is_known(request: HttpRequest, headers: dict[str, str]) -> bool:
    """Return whether the caller has it.

    SPEC RFC 9110 13.1.2: any of a list, compared weakly (a proxy that compresses
    weakens the tag).
    """
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return any(tag.removeprefix("W/") in (headers["ETag"], "*") for tag in known)
