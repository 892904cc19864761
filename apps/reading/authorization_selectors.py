"""Which films of a case were signed for a reader's verdict, and which can be."""

from __future__ import annotations

import uuid

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.imaging.models import Image
from apps.reading.authorization_models import FilmAuthorization
from apps.reading.models import Case, Outcome, Verdict
from apps.reading.outcomes import outcome_of_case
from apps.reading.selectors import newest_verdict, own_read
from apps.reading.signing_key import has_signing_key
from workers.types import FileFormat


def list_authorizations(*, case: Case, user: User) -> list[FilmAuthorization]:
    """Return the films signed for this reader's verdicts, newest first. 1 query.

    For their own alone: that a film was signed tells how another reader decided.
    """
    films = FilmAuthorization.objects.filter(
        verdict__read__case=case, verdict__read__reader=user
    )
    return list(films.order_by("-signed_at", "-pk"))


def authentic_verdict(*, case: Case, user: User) -> Verdict | None:
    """Return the verdict for which a film may be signed: this reader's newest, where it
    and the outcome of the case are that the film is authentic. At most 4 queries."""
    read = own_read(case=case, user=user)
    verdict = newest_verdict(read=read) if read else None
    if verdict is None or verdict.outcome != Outcome.AUTHENTIC:
        return None
    closed = outcome_of_case(case=case)
    return verdict if closed and closed.outcome == Outcome.AUTHENTIC else None


def list_signable(*, case: Case, user: User) -> list[Image]:
    """Return the films that can be signed for this reader's verdict now. At most 5
    queries."""
    if not has_signing_key():
        return []
    verdict = authentic_verdict(case=case, user=user)
    if verdict is None:
        return []
    signed = FilmAuthorization.objects.filter(verdict=verdict).values("image")
    films = case.study.images.filter(format=FileFormat.DICOM).exclude(pk__in=signed)
    return list(films.order_by("number", "created_at", "id"))


def get_authorization(
    *, case: Case, user: User, authorization_id: uuid.UUID
) -> FilmAuthorization:
    """Return a film signed for this reader's verdict. Raises NotFound. 1 query."""
    film = (
        FilmAuthorization.objects.filter(
            pk=authorization_id,
            verdict__read__case=case,
            verdict__read__reader=user,
        )
        .select_related("verdict__read__case__site")
        .first()
    )
    if film is None:
        raise NotFound("There is no such signed film.")
    return film
