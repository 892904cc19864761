"""Sites (tenants), people, roles, tokens."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.key_models import KeyMap as KeyMap
from apps.core.models import BaseModel


class Site(BaseModel):
    """A department or hospital; nothing is shared between two sites."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.name


class ReadingMode(models.TextChoices):
    """What a reader may see before answering; recorded on every read."""

    BLIND_FIRST = "blind_first", _("Blind first")
    TRIAGE = "triage", _("Triage")


class SecondReader(models.TextChoices):
    """Which cases a second reader reads, blind to the first and to the system."""

    NEVER = "never", _("Never")
    ON_DISAGREEMENT = (
        "on_disagreement",
        _("When the first reader overrules the system"),
    )
    RANDOM = "random", _("A share of the cases, drawn at random")
    ALWAYS = "always", _("Always")


@dataclass(frozen=True)
class ReadingPolicy:
    """How a department reads.

    second_read_share: 0 to 1, of all cases, drawn at ingest; with `on_disagreement` it
        adds cases that are there by chance, so that being asked for a second read tells
        little of the system's opinion.
    adjudication: whether readers who differ are settled by an adjudicator.
    max_wait_hours: a case of a blind worklist that waited longer moves up one priority
        class in its order; 0: none does.
    canary_share: 0 to 1, of the cases that came in by machine: after so many a film of
        known truth is released; 0: none is.
    pause_cases, pause_minutes: after so many reads, or so long, without a pause the
        page says so to the reader alone; 0: never.
    audit_share, audit_department: 0 to 1 of a triage department's cases, drawn at
        ingest, are read once more in that department, blind; 0: none is.
    """

    mode: ReadingMode
    second_reader: SecondReader
    second_read_share: Decimal
    adjudication: bool
    max_wait_hours: int = 0
    canary_share: Decimal = Decimal(0)
    pause_cases: int = 0
    pause_minutes: int = 0
    audit_share: Decimal = Decimal(0)
    audit_department: Department | None = None

    def to_facts(self) -> dict[str, str | bool | int]:
        """Return the policy as the log and the reads keep it: no floats."""
        return {
            "mode": self.mode.value,
            "second_reader": self.second_reader.value,
            "second_read_share": f"{self.second_read_share:.3f}",
            "adjudication": self.adjudication,
            "max_wait_hours": self.max_wait_hours,
            "canary_share": f"{self.canary_share:.3f}",
            "pause_cases": self.pause_cases,
            "pause_minutes": self.pause_minutes,
            "audit_share": f"{self.audit_share:.3f}",
            "audit_department": self.audit_department.slug
            if self.audit_department
            else "",
        }


class Department(BaseModel):
    """A reading room of a site: its cases form one worklist under one policy."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="departments")
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    reading_mode = models.CharField(
        max_length=16, choices=ReadingMode.choices, default=ReadingMode.BLIND_FIRST
    )
    second_reader = models.CharField(
        max_length=16, choices=SecondReader.choices, default=SecondReader.NEVER
    )
    second_read_share = models.DecimalField(
        max_digits=4, decimal_places=3, default=Decimal(0)
    )
    adjudication = models.BooleanField(default=True)
    max_wait_hours = models.PositiveSmallIntegerField(
        default=0,
        help_text=_("Blind worklists: who waited longer moves up; 0: never."),
    )
    canary_share = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal(0),
        help_text=_("Films of known truth per case that came in by machine; 0: none."),
    )
    pause_cases = models.PositiveSmallIntegerField(
        default=0,
        help_text=_("Reads without a pause before the page says so; 0: never."),
    )
    pause_minutes = models.PositiveSmallIntegerField(
        default=0,
        help_text=_("Minutes without a pause before the page says so; 0: never."),
    )
    audit_share = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal(0),
        help_text=_("Triage: this share is read again, blind, elsewhere; 0: none."),
    )
    audit_department = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="audits",
        help_text=_("Blind first, of the same site, with other readers than this one."),
    )
    policy_version = models.PositiveIntegerField(default=1, editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "slug"], name="department_slug_unique_in_site"
            ),
            models.CheckConstraint(
                condition=models.Q(second_read_share__gte=0, second_read_share__lte=1),
                name="second_read_share_is_0_to_1",
            ),
            models.CheckConstraint(
                condition=models.Q(canary_share__gte=0, canary_share__lte=1),
                name="canary_share_is_0_to_1",
            ),
            models.CheckConstraint(
                condition=models.Q(audit_share__gte=0, audit_share__lte=1),
                name="audit_share_is_0_to_1",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def policy(self) -> ReadingPolicy:
        """Return the policy in force."""
        return ReadingPolicy(
            mode=ReadingMode(self.reading_mode),
            second_reader=SecondReader(self.second_reader),
            second_read_share=Decimal(self.second_read_share),
            adjudication=self.adjudication,
            max_wait_hours=self.max_wait_hours,
            canary_share=Decimal(self.canary_share),
            pause_cases=self.pause_cases,
            pause_minutes=self.pause_minutes,
            audit_share=Decimal(self.audit_share),
            audit_department=self.audit_department,
        )


class Role(models.TextChoices):
    """What a person is here for; apps.accounts.permissions maps it to rights."""

    RADIOLOGIST = "radiologist", _("Radiologist")
    LEAD = "lead", _("Department lead")
    ML = "ml", _("ML engineer")
    ADMIN = "admin", _("Administrator")
    INTEGRATION = "integration", _("Integration")


class User(AbstractUser):
    """A person, or an integration that acts by token. Without a site: sees nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    role = models.CharField(max_length=16, choices=Role.choices, blank=True)
    display_name = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(BaseModel):
    """That a person belongs to a department, from `created_at` until `ended_at`.

    Who is no member is served nothing of the department. Rows are ended and not
    deleted: who belonged to a triage department may have seen its flags.
    """

    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department"],
                condition=models.Q(ended_at=None),
                name="one_membership_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.department_id}"


def token_digest(secret: str) -> str:
    """Return what we keep of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(BaseModel):
    """A bearer token of an integration; only its digest is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Return whether the token may be used now."""
        if self.revoked_at is not None:
            return False
        return self.expires_at is None or self.expires_at > timezone.now()
