"""Pixels for viewers. They hint at nothing, so they are served before the seal."""

from __future__ import annotations

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from ninja import Router
from pydantic import Field

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.errors import NotFound
from apps.core.objects import open_local
from apps.imaging.schemas import DisplayOut, ImageMetaOut, TechniqueOut, WindowOut
from apps.imaging.selectors import get_image
from apps.imaging.services.ingest import decode_limits
from workers.decode import decode_frame
from workers.dicom.display import DisplayFacts
from workers.dicom.viewer import read_viewer_meta, render_preview

router = Router(tags=["images"])
PreviewSize = Annotated[int, Field(ge=64, le=2048)]

# Pixels of a content-addressed object never change; "private" keeps PHI out of proxies.
IMMUTABLE = "private, max-age=31536000, immutable"


@router.get("/images/{image_id}", response=ImageMetaOut)
def read_image(request: HttpRequest, image_id: uuid.UUID) -> ImageMetaOut:
    """Describe an image's stored values and how its file wants them shown."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    image = get_image(user=user, image_id=image_id)
    with open_local(image.sha256) as path:
        meta = read_viewer_meta(path, limits=decode_limits())
    return ImageMetaOut(
        id=image.pk,
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


@router.get("/images/{image_id}/frames/{frame}")
def read_frame(request: HttpRequest, image_id: uuid.UUID, frame: int) -> HttpResponse:
    """Serve the stored values of one frame: little endian, row-major."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    image = get_image(user=user, image_id=image_id)
    if not 0 <= frame < image.frame_count:
        raise NotFound("The film has no such frame.")
    headers = _cache_headers(f"{image.sha256}-{frame}")
    if _is_known(request, headers):
        return HttpResponseNotModified(headers=headers)
    with open_local(image.sha256) as path:
        values = decode_frame(path, frame, limits=decode_limits()).values
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return HttpResponse(
        little.tobytes(), content_type="application/octet-stream", headers=headers
    )


@router.get("/images/{image_id}/preview")
def read_preview(
    request: HttpRequest, image_id: uuid.UUID, size: PreviewSize = 256
) -> HttpResponse:
    """Serve a small picture, windowed as the file says."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    image = get_image(user=user, image_id=image_id)
    headers = _cache_headers(f"{image.sha256}-p{size}")
    if _is_known(request, headers):
        return HttpResponseNotModified(headers=headers)
    with open_local(image.sha256) as path:
        picture = render_preview(path, size=size, limits=decode_limits())
    return HttpResponse(picture, content_type="image/webp", headers=headers)


def _cache_headers(version: str) -> dict[str, str]:
    return {"ETag": f'"{version}"', "Cache-Control": IMMUTABLE}


def _is_known(request: HttpRequest, headers: dict[str, str]) -> bool:
    """SPEC RFC 9110 13.1.2: any of a list, compared weakly (a proxy that compresses
    weakens the tag)."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return any(tag.removeprefix("W/") in (headers["ETag"], "*") for tag in known)
