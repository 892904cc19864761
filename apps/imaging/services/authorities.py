"""Writes on authorities and their revocation lists."""

from __future__ import annotations

import datetime as dt
import uuid

from cryptography import x509
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Site, User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, Invalid
from apps.imaging.device_models import (
    Authority,
    CertificateState,
    DeviceCertificate,
    RevocationList,
    RevocationReason,
)
from apps.imaging.services.devices import (
    CLOCK_LEEWAY,
    list_revoked_by,
    revoke_row,
    stored_fields,
)
from workers.dicom.signatures.certificates import has_signed_crl, load_certificate
from workers.dicom.signatures.enrolment import (
    CertificateRole,
    CrlFacts,
    describe_crl,
    judge_certificate,
)


@transaction.atomic
def add_authority(
    *, site: Site, actor: User, certificate: x509.Certificate
) -> Authority:
    """Return the authority, known from now on; one event.

    Raises Invalid (the refusals of `judge_certificate`), Conflict
    (`duplicate_authority`).
    """
    lock_log()
    for remark in judge_certificate(
        certificate, role=CertificateRole.AUTHORITY, now=timezone.now()
    ):
        if remark.is_refusal:
            raise Invalid(remark.text, code=remark.code)
    fields = stored_fields(certificate)
    if Authority.objects.filter(
        site=site, sha256=fields["sha256"], withdrawn_at=None
    ).exists():
        raise Conflict("This authority is known already.", code="duplicate_authority")
    authority = Authority.objects.create(site=site, added_by=actor, **fields)
    _record(EventKind.AUTHORITY_ADDED, authority, actor)
    return authority


@transaction.atomic
def withdraw_authority(*, authority: Authority, actor: User) -> Authority:
    """Return the authority, which vouches for nobody from now on; its lists count no
    more, but what they revoked stays revoked. Raises Conflict (`already_withdrawn`)."""
    lock_log()
    changed = Authority.objects.filter(pk=authority.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=actor
    )
    if changed != 1:
        raise Conflict("It was withdrawn before.", code="already_withdrawn")
    authority.refresh_from_db()
    _record(EventKind.AUTHORITY_WITHDRAWN, authority, actor)
    return authority


@transaction.atomic
def add_revocation_list(
    *, site: Site, actor: User, crl: x509.CertificateRevocationList
) -> tuple[RevocationList, list[uuid.UUID]]:
    """Return the list, which counts from now on, and the devices whose certificates it
    revokes here; one event, and one for each of these.

    Raises Invalid (`crl_unknown_authority`, `crl_bad_signature`, `crl_delta`,
    `crl_from_future`), Conflict (`crl_known`, `crl_older`).
    """
    lock_log()
    authority = _find_authority(site, crl)
    facts = describe_crl(crl)
    _refuse_untimely(crl, facts)
    _refuse_older(authority, facts)
    RevocationList.objects.filter(authority=authority, is_current=True).update(
        is_current=False
    )
    row = RevocationList.objects.create(
        authority=authority,
        der=facts.der,
        sha256=facts.sha256,
        number="" if facts.number is None else str(facts.number),
        this_update=facts.this_update,
        next_update=facts.next_update,
        entries=facts.entries,
        uploaded_by=actor,
    )
    append_event(
        kind=EventKind.REVOCATION_LIST_ADDED,
        site=site,
        actor=actor,
        subject=f"authority:{authority.pk}",
        data={"sha256": row.sha256, "number": row.number, "entries": row.entries},
    )
    return row, _revoke_listed(authority, row, actor)


def _revoke_listed(
    authority: Authority, held: RevocationList, actor: User
) -> list[uuid.UUID]:
    """Return the devices whose certificates a list revokes; else the registry would
    call trusted what the evidence calls revoked."""
    rows = (
        DeviceCertificate.objects.select_for_update(of=("self",))
        .select_related("device__site")
        .filter(site=authority.site, issuer=authority.subject)
        .exclude(state=CertificateState.REVOKED)
        .order_by("created_at")
    )
    found = []
    for row in rows:
        certificate = load_certificate(bytes(row.der))
        since = list_revoked_by([(authority, held)], certificate)
        if since is not None:
            revoke_row(
                row=row, actor=actor, reason=RevocationReason.LISTED, revoked_at=since
            )
            found.append(row.device_id)
    return found


def _find_authority(site: Site, crl: x509.CertificateRevocationList) -> Authority:
    """Return the authority that signed a list; two may have one name, a new key."""
    is_named = False
    for authority in Authority.objects.filter(site=site, withdrawn_at=None):
        certificate = load_certificate(bytes(authority.der))
        if certificate.subject != crl.issuer:
            continue
        is_named = True
        if has_signed_crl(certificate, crl):
            return authority
    if is_named:
        raise Invalid(
            "Its authority did not sign it as it is.", code="crl_bad_signature"
        )
    raise Invalid(
        "No authority known here has issued it. Add the authority first.",
        code="crl_unknown_authority",
    )


def _refuse_untimely(crl: x509.CertificateRevocationList, facts: CrlFacts) -> None:
    try:
        crl.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    except x509.ExtensionNotFound:
        pass
    except ValueError:
        raise Invalid("Its extensions cannot be read.", code="crl_delta") from None
    else:
        raise Invalid(
            "It tells only what changed since another list. Give the complete list.",
            code="crl_delta",
        )
    if facts.this_update > timezone.now() + CLOCK_LEEWAY:
        raise Invalid("It is dated in the future.", code="crl_from_future")


def _refuse_older(authority: Authority, facts: CrlFacts) -> None:
    held = authority.revocation_lists.filter(is_current=True).first()
    if held is None:
        return
    if held.sha256 == facts.sha256:
        raise Conflict("This list is the one in force.", code="crl_known")
    if _order_of(facts.number, facts.this_update) <= _order_of(
        int(held.number) if held.number else None, held.this_update
    ):
        raise Conflict(
            f"It is older than the list in force, of {held.this_update:%Y-%m-%d}.",
            code="crl_older",
        )


def _order_of(number: int | None, this_update: dt.datetime) -> tuple[dt.datetime, int]:
    # RFC 5280 5.2.3: numbers grow, but not every authority gives them.
    return this_update, -1 if number is None else number


def _record(kind: EventKind, authority: Authority, actor: User) -> None:
    append_event(
        kind=kind,
        site=authority.site,
        actor=actor,
        subject=f"authority:{authority.pk}",
        data={"certificate": authority.sha256},
    )
