"""Statements on who signed the credentials, with what certificate, when, trusted by
whom: four questions, four answers."""

from __future__ import annotations

import datetime as dt

from workers.lanes.provenance.integrity import (
    BROKEN_SIGNATURE,
    CODES_SOURCE,
    MISMATCHES,
    SPEC,
    bytes_match,
    make_finding,
    pick_codes,
    signature_holds,
)
from workers.lanes.provenance.store import AnchorState, Manifest, Store
from workers.types import Finding

_BROKEN_SIGNATURE_WEIGHT = 0.7
_REVOKED_WEIGHT = 0.5


def state_signature(store: Store, now: dt.datetime) -> list[Finding]:
    """Return the statements on who signed, with what certificate, when, trusted by
    whom."""
    active = store.active
    certificate = active.certificate
    who = certificate.holder if certificate else "an unknown signer"
    findings = []
    if signature_holds(active):
        issuer = f", certified by {certificate.issuer}" if certificate else ""
        findings.append(
            make_finding(
                "c2pa_signature_holds",
                f"The signature of the credentials holds: {who}{issuer}.",
                0.0,
                f"{SPEC}, 15.7",
                detail={"signer": who},
            )
        )
    else:
        findings.append(
            make_finding(
                "c2pa_signature_broken",
                f"The signature of the credentials, which names {who}, does not hold.",
                _BROKEN_SIGNATURE_WEIGHT,
                f"{SPEC}, 15.7",
                pick_codes(active.failures, BROKEN_SIGNATURE),
                {"signer": who},
            )
        )
    findings += _state_trust(store)
    findings += _state_time_stamp(active)
    findings += _state_validity(active, now)
    return findings


def _state_trust(store: Store) -> list[Finding]:
    active, source = store.active, f"{SPEC}, 14.4.1 (trust lists)"
    findings = []
    if active.has("signingCredential.ocsp.revoked"):
        findings.append(
            make_finding(
                "c2pa_certificate_revoked",
                "The signer's certificate was revoked, as an answer in the file says.",
                _REVOKED_WEIGHT,
                CODES_SOURCE,
            )
        )
    if active.has("signingCredential.invalid"):
        findings.append(
            make_finding(
                "c2pa_certificate_profile",
                "The signer's certificate does not follow the standard's profile;"
                " that does not mean that anything was changed.",
                0.0,
                f"{SPEC}, 14.5.1 (certificate profiles)",
            )
        )
    if store.anchors is AnchorState.UNUSABLE:
        code, text = (
            "c2pa_anchors_unusable",
            (
                "The trust anchors configured here could not be loaded, so nobody can"
                " vouch for the signer."
            ),
        )
    elif store.anchors is AnchorState.NONE:
        code, text = (
            "c2pa_anchors_missing",
            ("No trust anchors are configured here, so nobody vouches for the signer."),
        )
    elif active.has("signingCredential.trusted"):
        code, text = (
            "c2pa_signer_trusted",
            ("The signer's certificate leads to a trust anchor configured here."),
        )
    else:
        code, text = (
            "c2pa_signer_unknown",
            (
                "The signer's certificate leads to none of the trust anchors configured"
                " here."
            ),
        )
    return [make_finding(code, text, 0.0, source), *findings]


def _state_time_stamp(active: Manifest) -> list[Finding]:
    source = f"{SPEC}, 15.8 (time stamps)"
    if active.has("timeStamp.mismatch") or active.has("timeStamp.malformed"):
        return [
            make_finding(
                "c2pa_time_stamp_broken",
                "The time stamp of the credentials does not fit their signature.",
                0.25,
                source,
            )
        ]
    if active.stamped_at is None:
        return [
            make_finding(
                "c2pa_time_stamp_missing",
                "Nobody else confirms when the credentials were signed (no time"
                " stamp).",
                0.0,
                source,
            )
        ]
    trusted = active.stamp_anchored
    tail = "" if trusted else ", by an authority that no trust anchor vouches for"
    return [
        make_finding(
            "c2pa_time_stamp",
            f"A time stamp says that the credentials were signed on"
            f" {_day(active.stamped_at)}{tail}.",
            0.0,
            source,
            detail={"at": active.stamped_at.isoformat(), "trusted": trusted},
        )
    ]


def _state_validity(active: Manifest, now: dt.datetime) -> list[Finding]:
    """Return the statement on the certificate's time, by our own clock: c2pa-rs reports
    `insideValidity` for expired certificates too."""
    certificate, source = active.certificate, f"{SPEC}, 15.8.2 (time of signing)"
    if certificate is None or certificate.valid_from is None:
        return []
    start, end = certificate.valid_from, certificate.valid_to
    if end is None:
        return []
    detail = {"valid_from": start.isoformat(), "valid_to": end.isoformat()}
    if now < start:
        code = "c2pa_certificate_early"
        text = f"The signer's certificate is not valid before {_day(start)}."
    elif now <= end:
        code = "c2pa_certificate_current"
        text = f"The signer's certificate is valid until {_day(end)}."
    else:
        code = "c2pa_certificate_expired"
        text = (
            f"The signer's certificate expired on {_day(end)}; "
            f"{_weigh_expiry(active, start, end)}."
        )
    weight = 0.25 if now < start else 0.0
    return [make_finding(code, text, weight, source, detail=detail)]


def _weigh_expiry(active: Manifest, start: dt.datetime, end: dt.datetime) -> str:
    """Return whether the expiry matters, which only a time stamp can tell."""
    stamped = active.stamped_at
    if stamped is None:
        return (
            "without a time stamp nobody can tell whether it was valid at signing,"
            " and this says nothing about a change of the picture"
        )
    if not start <= stamped <= end:
        return "the time stamp lies outside its validity"
    if active.stamp_anchored:
        return "it was valid at the time of signing, so this does not matter"
    return "it was valid at the time of signing, if the time stamp is to be believed"


def summarise(store: Store, now: dt.datetime) -> str:
    """Return bytes, signer and certificate, one clause each, for the lane's reason."""
    active = store.active
    if pick_codes(active.failures, MISMATCHES):
        parts = ["bytes changed after signing"]
    else:
        parts = ["bytes intact" if bytes_match(active) else "bytes not checked"]
    if active.certificate is not None:
        who = active.certificate.holder
        held = signature_holds(active)
        parts.append(f"signed by {who}" if held else f"broken signature of {who}")
        end = active.certificate.valid_to
        if end is not None and now > end:
            parts.append(f"certificate expired on {_day(end)}")
    if active.has("signingCredential.trusted"):
        parts.append("signer trusted")
    return ", ".join(parts)


def _day(time: dt.datetime) -> str:
    return f"{time.astimezone(dt.UTC):%Y-%m-%d}"
