"""Events and the head of the transparency log they are appended to."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from apps.core.models import BaseModel
from workers.tlog.canonical import canonical_json

LEAF_SCHEMA = "truefilm.event.v1"


class EventKind(models.TextChoices):
    """What happened, in the past tense; the values are part of hashed leaves."""

    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
    SIGNED_OUT = "signed_out", "Signed out"
    TOKEN_ISSUED = "token_issued", "Token issued"
    TOKEN_REVOKED = "token_revoked", "Token revoked"
    POLICY_CHANGED = "policy_changed", "Reading policy changed"
    MEMBER_ADDED = "member_added", "Member added to a department"
    MEMBER_REMOVED = "member_removed", "Member removed from a department"
    REASON_CODE_CHANGED = "reason_code_changed", "Reason code changed"
    DEVICE_ENROLLED = "device_enrolled", "Device enrolled"
    DEVICE_CHANGED = "device_changed", "Device changed"
    CERTIFICATE_REPLACED = "certificate_replaced", "Device certificate replaced"
    CERTIFICATE_REVOKED = "certificate_revoked", "Device certificate revoked"
    DEVICE_RETIRED = "device_retired", "Device retired"
    AUTHORITY_ADDED = "authority_added", "Authority added"
    AUTHORITY_WITHDRAWN = "authority_withdrawn", "Authority withdrawn"
    REVOCATION_LIST_ADDED = "revocation_list_added", "Revocation list added"
    UPLOAD_OPENED = "upload_opened", "Upload opened"
    UPLOAD_CANCELLED = "upload_cancelled", "Upload cancelled"
    FILE_RECEIVED = "file_received", "File received"
    FILE_QUARANTINED = "file_quarantined", "File quarantined"
    FILE_DUPLICATED = "file_duplicated", "Duplicate received"
    ARCHIVE_UNPACKED = "archive_unpacked", "Archive unpacked"
    IMAGE_REGISTERED = "image_registered", "Image registered"
    CASE_OPENED = "case_opened", "Case opened"
    RUN_FINISHED = "run_finished", "Analysis finished"
    RUN_FAILED = "run_failed", "Analysis failed"
    CASE_CLAIMED = "case_claimed", "Case claimed"
    CASE_ASSIGNED = "case_assigned", "Case assigned"
    CASE_PRIORITISED = "case_prioritised", "Priority class changed"
    CASE_PROMOTED = "case_promoted", "Moved up after a long wait"
    CASE_RELEASED = "case_released", "Case released"
    CASE_VIEWED = "case_viewed", "Case viewed"
    CASE_FETCHED = "case_fetched", "Case fetched beside another"
    READ_SEALED = "read_sealed", "Read sealed"
    EVIDENCE_SERVED = "evidence_served", "Evidence served"
    VERDICT_FILED = "verdict_filed", "Verdict filed"
    VERDICT_AMENDED = "verdict_amended", "Verdict amended"
    SECOND_READ_ASKED = "second_read_asked", "Second read asked for"
    ADJUDICATION_ASKED = "adjudication_asked", "Adjudication asked for"
    ANSWERS_SERVED = "answers_served", "Readers' answers shown"
    CASE_ADJUDICATED = "case_adjudicated", "Case adjudicated"
    AUDIT_OPENED = "audit_opened", "Sent to an audit"
    AUDIT_ENDED = "audit_ended", "Back from an audit"
    CASE_REOPENED = "case_reopened", "Case re-opened"
    COLLEAGUE_ASKED = "colleague_asked", "Colleague asked"
    QUESTION_READ = "question_read", "Colleague's question read"
    COLLEAGUE_REPLIED = "colleague_replied", "Colleague replied"
    REPLY_READ = "reply_read", "Colleague's reply read"
    FILM_AUTHORIZED = "film_authorized", "Film signed as authentic"
    AUTHORIZED_FILM_SERVED = "authorized_film_served", "Signed film fetched"
    LABELS_EXPORTED = "labels_exported", "Labels exported"
    WORKLIST_EXPORTED = "worklist_exported", "Worklist exported"
    AUDIT_READ = "audit_read", "Audit log read"


class LogHead(models.Model):
    """The one row that holds the log's size and its compact range.

    Locking it gives appends their order; on SQLite the IMMEDIATE transaction does.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)
    nodes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="log_head_is_single")
        ]

    def __str__(self) -> str:
        return f"log of {self.size} entries"


class Event(BaseModel):
    """One entry of the log. Rows are only ever inserted.

    leaf is the canonical JSON that was hashed; it holds ids, digests and salted
    commitments, never PHI. `data` repeats its facts for queries.
    """

    position = models.PositiveBigIntegerField(unique=True)
    kind = models.CharField(max_length=32, choices=EventKind.choices)
    occurred_at = models.DateTimeField()
    site = models.ForeignKey(
        "accounts.Site", on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    case_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    leaf = models.TextField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-position"], name="event_site"),
            models.Index(fields=["site", "kind", "-position"], name="event_kind"),
            models.Index(fields=["case_id", "-position"], name="event_case"),
            models.Index(fields=["actor", "-position"], name="event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.kind}"


def leaf_of(event: Event) -> bytes:
    """Return the canonical JSON of an entry's columns: the bytes that are hashed.

    Every column that the audit page shows is in it, so that none can be altered
    unnoticed. Raises TypeError for facts that have no canonical form (floats).
    """
    return canonical_json(
        {
            "schema": LEAF_SCHEMA,
            "position": event.position,
            "kind": event.kind,
            "occurred_at": event.occurred_at.astimezone(dt.UTC).isoformat(
                timespec="microseconds"
            ),
            "site": str(event.site_id) if event.site_id else None,
            "actor": str(event.actor_id) if event.actor_id else None,
            "case": str(event.case_id) if event.case_id else None,
            "subject": event.subject,
            "data": event.data,
        }
    )
