"""What a manifest store says, as separate statements: never one badge for all.

The overall state of a store ("Valid", "Invalid") is not used: it is "Invalid" for an
expired certificate or a missing field of the claim as for a changed pixel. Each code
is sorted by what it is about; only a hash that does not match speaks of a change.
Source of the codes: C2PA specification 2.2, 15.2.2, tables 2 to 4, and 2.4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from workers.lanes.provenance.store import AnchorState, Code, Manifest, Store
from workers.types import Finding

SPEC = "C2PA specification 2.2"
CODES_SOURCE = f"{SPEC}, 15.2.2 (validation status codes)"

_BINDINGS = ("dataHash", "boxesHash", "bmffHash", "collectionHash", "multiAssetHash")
_MATCHES = frozenset(f"assertion.{name}.match" for name in _BINDINGS)
_MISMATCHES = frozenset(f"assertion.{name}.mismatch" for name in _BINDINGS)
_EXTRA_EXCLUSIONS = frozenset(
    f"assertion.{name}.additionalExclusionsPresent" for name in _BINDINGS
)
_UNBOUND = frozenset(
    {
        *(f"assertion.{name}.malformed" for name in _BINDINGS),
        "assertion.boxesHash.unknownBox",
        "assertion.dataHash.redacted",
        "assertion.hardBinding.redacted",
        "assertion.multipleHardBindings",
        "claim.hardBindings.missing",
    }
)
_ALTERED_CLAIMS = frozenset(
    {
        "assertion.hashedURI.mismatch",
        "assertion.missing",
        "assertion.undeclared",
        "assertion.notRedacted",
        "hashedURI.mismatch",
        "ingredient.manifest.mismatch",
        "ingredient.claimSignature.mismatch",
        "ingredient.hashedURI.mismatch",
    }
)
_BROKEN_SIGNATURE = frozenset(
    {"claimSignature.mismatch", "claimSignature.missing", "algorithm.unsupported"}
)
# Of the certificate, its time and its trust: each has a statement of its own, and none
# speaks of the bytes.
_TRUST_PREFIXES = (
    "signingcredential.",
    "claimsignature.outsidevalidity",
    "timestamp.",
    "timeofsigning.",
)

_CHANGED_WEIGHT = 0.8
_BROKEN_SIGNATURE_WEIGHT = 0.7
_REVOKED_WEIGHT = 0.5
_NOTED_WEIGHT = 0.5
_UNBOUND_WEIGHT = 0.25
_FORM_WEIGHT = 0.0


def signature_holds(manifest: Manifest) -> bool:
    """Whether the claim signature was checked and is mathematically right."""
    broken = any(item.code in _BROKEN_SIGNATURE for item in manifest.failures)
    return manifest.has("claimSignature.validated") and not broken


def bytes_match(manifest: Manifest) -> bool:
    """Whether the file's bytes are those the manifest was signed over."""
    codes = {item.code for item in manifest.successes}
    failed = {item.code for item in manifest.failures}
    return bool(codes & _MATCHES) and not failed & (_MISMATCHES | _UNBOUND)


def is_as_signed(manifest: Manifest) -> bool:
    """Whether an ingredient's manifest is the one that was taken in, unaltered."""
    wrong = _ALTERED_CLAIMS | _BROKEN_SIGNATURE
    return not any(item.code in wrong for item in manifest.failures)


def altered_places(manifest: Manifest) -> frozenset[str]:
    """Return the assertions of a manifest that are not what was signed."""
    return frozenset(
        item.place for item in manifest.failures if item.code in _ALTERED_CLAIMS
    )


def covers_all(manifest: Manifest) -> bool:
    """Whether no part of the file but the manifest itself was left out of the hash."""
    return not any(item.code in _EXTRA_EXCLUSIONS for item in manifest.notes)


def state_integrity(store: Store) -> list[Finding]:
    """Return the statements on bytes, claims and form of the active manifest."""
    active = store.active
    findings = [_state_bytes(active)]
    if not covers_all(active):
        findings.append(
            _finding(
                "c2pa_partly_covered",
                "The credentials leave parts of the file beside themselves out of"
                " the hash; a change there would not show.",
                0.0,
                "C2PA specification 2.4, 15.2.2 (additionalExclusionsPresent)",
            )
        )
    altered = _codes_in(active.failures, _ALTERED_CLAIMS)
    if altered:
        findings.append(
            _finding(
                "c2pa_claims_changed",
                "Statements inside the credentials are not those that were signed.",
                _CHANGED_WEIGHT,
                CODES_SOURCE,
                altered,
            )
        )
    form = [item for item in active.failures if _is_form_fault(item.code)]
    if form:
        findings.append(
            _finding(
                "c2pa_form_fault",
                "The credentials do not follow the standard in form; that does not"
                " mean that anything was changed.",
                _FORM_WEIGHT,
                CODES_SOURCE,
                form,
            )
        )
    return findings


def state_ingredients(store: Store) -> list[Finding]:
    """Return the statements on earlier pictures whose credentials do not hold."""
    wrong = _MISMATCHES | _ALTERED_CLAIMS | _BROKEN_SIGNATURE
    findings = []
    for manifest, path in store.walk():
        altered = _codes_in(manifest.failures, _ALTERED_CLAIMS | _BROKEN_SIGNATURE)
        if path and altered:
            findings.append(
                _finding(
                    "c2pa_ingredient_changed",
                    "The credentials of an earlier picture that this one is made of"
                    " are not those that were taken in.",
                    _CHANGED_WEIGHT,
                    f"{SPEC}, 15.11 (validating ingredients)",
                    altered,
                    {"in_ingredient": list(path)},
                )
            )
        recorded = _codes_in(manifest.recorded_failures, wrong)
        if recorded:
            findings.append(
                _finding(
                    "c2pa_ingredient_was_changed",
                    "The program that made these credentials noted that a picture it"
                    " took in had been changed after signing.",
                    _NOTED_WEIGHT,
                    f"{SPEC}, 18.16 (ingredient)",
                    recorded,
                    {"in_ingredient": list(path)},
                )
            )
    return findings


def _state_bytes(active: Manifest) -> Finding:
    mismatches = _codes_in(active.failures, _MISMATCHES)
    if mismatches:
        return _finding(
            "c2pa_bytes_differ",
            "The bytes of the file are not those that were signed: it was changed"
            " after signing, or carries the credentials of another file.",
            _CHANGED_WEIGHT,
            f"{SPEC}, 15.5.5 and 15.2.2 (hash mismatch)",
            mismatches,
        )
    if bytes_match(active):
        return _finding(
            "c2pa_bytes_match",
            "The bytes of the file are those that were signed.",
            0.0,
            CODES_SOURCE,
            _codes_in(active.successes, _MATCHES),
        )
    return _finding(
        "c2pa_bytes_unbound",
        "The credentials are not bound to the bytes of the file in a way that could"
        " be checked.",
        _UNBOUND_WEIGHT,
        CODES_SOURCE,
        _codes_in(active.failures, _UNBOUND),
    )


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
            _finding(
                "c2pa_signature_holds",
                f"The signature of the credentials holds: {who}{issuer}.",
                0.0,
                f"{SPEC}, 15.7",
                detail={"signer": who},
            )
        )
    else:
        findings.append(
            _finding(
                "c2pa_signature_broken",
                f"The signature of the credentials, which names {who}, does not hold.",
                _BROKEN_SIGNATURE_WEIGHT,
                f"{SPEC}, 15.7",
                _codes_in(active.failures, _BROKEN_SIGNATURE),
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
            _finding(
                "c2pa_certificate_revoked",
                "The signer's certificate was revoked, as an answer in the file says.",
                _REVOKED_WEIGHT,
                CODES_SOURCE,
            )
        )
    if active.has("signingCredential.invalid"):
        findings.append(
            _finding(
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
    return [_finding(code, text, 0.0, source), *findings]


def _state_time_stamp(active: Manifest) -> list[Finding]:
    source = f"{SPEC}, 15.8 (time stamps)"
    if active.has("timeStamp.mismatch") or active.has("timeStamp.malformed"):
        return [
            _finding(
                "c2pa_time_stamp_broken",
                "The time stamp of the credentials does not fit their signature.",
                0.25,
                source,
            )
        ]
    if active.stamped_at is None:
        return [
            _finding(
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
        _finding(
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
    return [_finding(code, text, weight, source, detail=detail)]


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
    if _codes_in(active.failures, _MISMATCHES):
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


def _is_form_fault(code: str) -> bool:
    known = _MISMATCHES | _UNBOUND | _ALTERED_CLAIMS | _BROKEN_SIGNATURE
    # An identity assertion (CAWG) is not part of what we check.
    is_trust = code.lower().startswith((*_TRUST_PREFIXES, "cawg."))
    return code not in known and not is_trust


def _codes_in(codes: Iterable[Code], wanted: frozenset[str]) -> list[Code]:
    return [item for item in codes if item.code in wanted]


def _day(time: dt.datetime) -> str:
    return f"{time.astimezone(dt.UTC):%Y-%m-%d}"


def _finding(
    code: str,
    text: str,
    weight: float,
    source: str,
    codes: Iterable[Code] = (),
    detail: Mapping[str, object] | None = None,
) -> Finding:
    facts: dict[str, object] = dict(detail or {})
    listed = [f"{item.code} {item.place}".strip() for item in codes]
    if listed:
        facts["codes"] = listed[:16]
    return Finding(code, text, weight, source, detail=facts)
