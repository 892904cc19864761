"""The reason codes that readers give, kept by staff."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReasonGroup(models.TextChoices):
    """What a reason may be given for."""

    AGAINST = "against", _("Speaks against the film")
    FOR = "for", _("Speaks for the film")
    CHANGED_MIND = "changed_mind", _("Why a reader changed their mind")


class ReasonCode(models.Model):
    """Why a reader answered so. Never deleted, only retired.

    code, group: part of labels, so they never change.
    label: its words; other words are a new version, and reads keep the words and the
        version that they were given under.
    hotkey: a digit that picks it in the open list, where it is the only one of its kind
        (changed minds have a list of their own); empty: none.
    """

    code = models.SlugField(max_length=40, primary_key=True)
    group = models.CharField(max_length=12, choices=ReasonGroup.choices)
    label = models.CharField(max_length=80)
    hotkey = models.CharField(max_length=1, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hotkey="")
                | models.Q(hotkey__in=[str(digit) for digit in range(10)]),
                name="reason_hotkey_is_a_digit",
            ),
            models.UniqueConstraint(
                fields=["hotkey"],
                condition=models.Q(is_active=True)
                & ~models.Q(hotkey="")
                & ~models.Q(group="changed_mind"),
                name="one_reason_per_hotkey",
            ),
            models.UniqueConstraint(
                fields=["hotkey"],
                condition=models.Q(is_active=True, group="changed_mind")
                & ~models.Q(hotkey=""),
                name="one_changed_mind_per_hotkey",
            ),
        ]

    def __str__(self) -> str:
        return self.code
