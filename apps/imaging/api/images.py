"""Pixels for viewers. They hint at nothing, so they are served before the seal."""

from __future__ import annotations

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import Router
from pydantic import Field

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.errors import NotFound
from apps.core.objects import open_local
from apps.imaging.film_answers import (
    cache_headers,
    describe_film,
    describe_series,
    is_known,
    serve_frame,
)
from apps.imaging.schemas import ImageMetaOut, SeriesOut
from apps.imaging.selectors import get_image, list_series
from apps.imaging.services.ingest import decode_limits
from workers.dicom.viewer import render_preview

router = Router(tags=["images"])
PreviewSize = Annotated[int, Field(ge=64, le=2048)]


@router.get("/images/{image_id}", response=ImageMetaOut)
def read_image(request: HttpRequest, image_id: uuid.UUID) -> ImageMetaOut:
    """Describe an image's stored values and how its file wants them shown."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    image = get_image(user=user, image_id=image_id)
    return describe_film(film_id=image.pk, sha256=image.sha256)


@router.get("/images/{image_id}/series", response=SeriesOut)
def read_series(request: HttpRequest, image_id: uuid.UUID) -> SeriesOut:
    """List the images of the image's series, and where their files say they lie."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    images = list_series(user=user, image_id=image_id)
    return describe_series(images)


@router.get("/images/{image_id}/frames/{frame}")
def read_frame(request: HttpRequest, image_id: uuid.UUID, frame: int) -> HttpResponse:
    """Serve the stored values of one frame: little endian, row-major."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    image = get_image(user=user, image_id=image_id)
    if not 0 <= frame < image.frame_count:
        raise NotFound("The film has no such frame.")
    return serve_frame(
        request, sha256=image.sha256, frame=frame, version=f"{image.sha256}-{frame}"
    )


@router.get("/images/{image_id}/preview")
def read_preview(
    request: HttpRequest, image_id: uuid.UUID, size: PreviewSize = 256
) -> HttpResponse:
    """Serve a small picture, windowed as the file says."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    image = get_image(user=user, image_id=image_id)
    headers = cache_headers(f"{image.sha256}-p{size}")
    if is_known(request, headers):
        return HttpResponseNotModified(headers=headers)
    with open_local(image.sha256) as path:
        picture = render_preview(path, size=size, limits=decode_limits())
    return HttpResponse(picture, content_type="image/webp", headers=headers)
