"""What a manifest store says of bytes and claims, statement by statement: no badge.

The overall state of a store ("Valid", "Invalid") is not used: it is "Invalid" for an
expired certificate or a missing field of the claim as for a changed pixel. Each code
is sorted by what it is about; only a hash that does not match speaks of a change.
Source of the codes: C2PA specification 2.2, 15.2.2, tables 2 to 4, and 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workers.lanes.provenance.store import Code, Manifest, Store
from workers.types import Finding

SPEC = "C2PA specification 2.2"
CODES_SOURCE = f"{SPEC}, 15.2.2 (validation status codes)"

_BINDINGS = ("dataHash", "boxesHash", "bmffHash", "collectionHash", "multiAssetHash")
_MATCHES = frozenset(f"assertion.{name}.match" for name in _BINDINGS)
MISMATCHES = frozenset(f"assertion.{name}.mismatch" for name in _BINDINGS)
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
BROKEN_SIGNATURE = frozenset(
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
_NOTED_WEIGHT = 0.5
_UNBOUND_WEIGHT = 0.25
_FORM_WEIGHT = 0.0


def signature_holds(manifest: Manifest) -> bool:
    """Whether the claim signature was checked and is mathematically right."""
    broken = any(item.code in BROKEN_SIGNATURE for item in manifest.failures)
    return manifest.has("claimSignature.validated") and not broken


def bytes_match(manifest: Manifest) -> bool:
    """Whether the file's bytes are those the manifest was signed over."""
    codes = {item.code for item in manifest.successes}
    failed = {item.code for item in manifest.failures}
    return bool(codes & _MATCHES) and not failed & (MISMATCHES | _UNBOUND)


def is_as_signed(manifest: Manifest) -> bool:
    """Whether an ingredient's manifest is the one that was taken in, unaltered."""
    wrong = _ALTERED_CLAIMS | BROKEN_SIGNATURE
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
            make_finding(
                "c2pa_partly_covered",
                "The credentials leave parts of the file beside themselves out of"
                " the hash; a change there would not show.",
                0.0,
                "C2PA specification 2.4, 15.2.2 (additionalExclusionsPresent)",
            )
        )
    altered = pick_codes(active.failures, _ALTERED_CLAIMS)
    if altered:
        findings.append(
            make_finding(
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
            make_finding(
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
    wrong = MISMATCHES | _ALTERED_CLAIMS | BROKEN_SIGNATURE
    findings = []
    for manifest, path in store.walk():
        altered = pick_codes(manifest.failures, _ALTERED_CLAIMS | BROKEN_SIGNATURE)
        if path and altered:
            findings.append(
                make_finding(
                    "c2pa_ingredient_changed",
                    "The credentials of an earlier picture that this one is made of"
                    " are not those that were taken in.",
                    _CHANGED_WEIGHT,
                    f"{SPEC}, 15.11 (validating ingredients)",
                    altered,
                    {"in_ingredient": list(path)},
                )
            )
        recorded = pick_codes(manifest.recorded_failures, wrong)
        if recorded:
            findings.append(
                make_finding(
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
    mismatches = pick_codes(active.failures, MISMATCHES)
    if mismatches:
        return make_finding(
            "c2pa_bytes_differ",
            "The bytes of the file are not those that were signed: it was changed"
            " after signing, or carries the credentials of another file.",
            _CHANGED_WEIGHT,
            f"{SPEC}, 15.5.5 and 15.2.2 (hash mismatch)",
            mismatches,
        )
    if bytes_match(active):
        return make_finding(
            "c2pa_bytes_match",
            "The bytes of the file are those that were signed.",
            0.0,
            CODES_SOURCE,
            pick_codes(active.successes, _MATCHES),
        )
    return make_finding(
        "c2pa_bytes_unbound",
        "The credentials are not bound to the bytes of the file in a way that could"
        " be checked.",
        _UNBOUND_WEIGHT,
        CODES_SOURCE,
        pick_codes(active.failures, _UNBOUND),
    )


def _is_form_fault(code: str) -> bool:
    known = MISMATCHES | _UNBOUND | _ALTERED_CLAIMS | BROKEN_SIGNATURE
    # An identity assertion (CAWG) is not part of what we check.
    is_trust = code.lower().startswith((*_TRUST_PREFIXES, "cawg."))
    return code not in known and not is_trust


def pick_codes(codes: Iterable[Code], wanted: frozenset[str]) -> list[Code]:
    return [item for item in codes if item.code in wanted]


def make_finding(
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
