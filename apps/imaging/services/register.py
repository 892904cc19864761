"""From a decoded film to rows: patient, study, series, image."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.imaging.models import Image, ImagePlane, Patient, Series, Study, Upload
from apps.imaging.signals import image_registered
from workers.dicom.identity import FilmIdentity, identify_film
from workers.dicom.plane import read_plane
from workers.types import DecodedImage


@dataclass(frozen=True)
class Registration:
    """An image, and whether this call made it."""

    image: Image
    is_new: bool


def register_film(
    *, upload: Upload, film: DecodedImage, file_name: str
) -> Registration:
    """Return the image row of `film`; the same bytes again give the first row.

    Two workers with the same bytes at once: the unique constraint picks one, the other
    gets its row.
    """
    known = _find(upload, film.sha256)
    if known is not None:
        return Registration(known, is_new=False)
    try:
        return Registration(_create(upload, film, file_name), is_new=True)
    except IntegrityError:
        known = _find(upload, film.sha256)
        if known is None:
            raise
        return Registration(known, is_new=False)


def _find(upload: Upload, sha256: str) -> Image | None:
    return Image.objects.filter(site=upload.site, sha256=sha256).first()


@transaction.atomic
def _create(upload: Upload, film: DecodedImage, file_name: str) -> Image:
    identity = identify_film(film.header, sha256=film.sha256)
    study = _study_of(upload, identity)
    series, _ = Series.objects.get_or_create(
        study=study,
        series_instance_uid=identity.series_instance_uid,
        defaults={
            "modality": identity.modality,
            "number": identity.series_number,
            "body_part": identity.body_part,
        },
    )
    image = Image.objects.create(
        site=upload.site,
        study=study,
        series=series,
        sop_class_uid=identity.sop_class_uid,
        sop_instance_uid=identity.sop_instance_uid,
        sha256=film.sha256,
        pixel_sha256=film.pixel_sha256,
        size_bytes=film.size_bytes,
        format=film.format.value,
        file_name=file_name,
        rows=film.rows,
        columns=film.columns,
        frame_count=film.frame_count,
        number=identity.instance_number,
        view_position=identity.view_position,
        laterality=identity.laterality,
    )
    _keep_plane(image, film)
    actor: User | None = upload.created_by
    event = append_event(
        kind=EventKind.IMAGE_REGISTERED,
        site=upload.site,
        actor=actor,
        subject=f"image:{image.pk}",
        data={
            "sha256": film.sha256,
            "pixel_sha256": film.pixel_sha256,
            "study": str(study.pk),
        },
    )
    image.log_position = event.position
    image.save(update_fields=["log_position"])
    image_registered.send(sender=Image, image=image, actor=actor)
    return image


def _keep_plane(image: Image, film: DecodedImage) -> None:
    if film.header is None:
        return
    plane = read_plane(film.header, frame_count=film.frame_count)
    if plane is not None:
        ImagePlane.objects.create(
            image=image,
            frame_of_reference_uid=plane.frame_of_reference_uid,
            normal=plane.normal,
            positions_mm=plane.positions_mm,
        )


def _study_of(upload: Upload, identity: FilmIdentity) -> Study:
    patient, _ = Patient.objects.get_or_create(
        site=upload.site,
        patient_id=identity.patient_id,
        defaults={
            "name": identity.patient_name,
            "birth_date": identity.patient_birth_date,
            "sex": identity.patient_sex,
            "is_demo": identity.is_demo,
        },
    )
    study, _ = Study.objects.get_or_create(
        site=upload.site,
        patient=patient,
        study_instance_uid=identity.study_instance_uid,
        defaults={
            "department": upload.department,
            "accession_number": identity.accession_number,
            "claim_reference": upload.claim_reference,
            "description": identity.study_description,
            "study_date": identity.study_date,
            "modality": identity.modality,
            "manufacturer": identity.manufacturer,
            "patient_age_years": identity.patient_age_years,
        },
    )
    return study
