"""Staff pages of reading: the reason codes, and nothing that holds a film or a read."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.errors import Conflict
from apps.core.staff import name_model
from apps.reading.models import ReasonCode, ReasonGroup
from apps.reading.services.reasons import (
    ReasonFields,
    change_reason_code,
    check_hotkey,
    make_reason_code,
)

name_model(
    ReasonCode,
    _("reason code"),
    _("reason codes"),
    fields={
        "code": _("code"),
        "group": _("given for"),
        "label": _("words"),
        "hotkey": _("key"),
        "position": _("place in the list"),
        "is_active": _("in use"),
        "version": _("version"),
    },
)


class ReasonCodeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A reason code; its key is a digit."""

    class Meta:
        """What the model does not say itself."""

        help_texts: ClassVar = {
            "code": _("Part of every label: it never changes."),
            "label": _("Reads keep the words they were given under."),
            "hotkey": _("One digit that picks it in the open list, or none."),
        }

    def clean_hotkey(self) -> str:
        """Return the key. Raises ValidationError for what is no digit."""
        hotkey = str(self.cleaned_data["hotkey"])
        if hotkey and hotkey not in "0123456789":
            raise ValidationError(_("The key is one digit, or none."))
        return hotkey

    def clean(self) -> dict[str, Any]:
        """Return the fields. Raises ValidationError for a key that is taken."""
        fields = super().clean() or {}
        if not self.errors:
            group = fields.get("group") or self.instance.group
            wanted = ReasonFields(
                fields["label"],
                fields["hotkey"],
                fields["position"],
                fields["is_active"],
            )
            code = fields.get("code") or self.instance.code
            try:
                check_hotkey(code, ReasonGroup(group), wanted)
            except Conflict as error:
                raise ValidationError(gettext(str(error))) from error
        return fields


@admin.register(ReasonCode)
class ReasonCodeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Reason codes: reworded, ordered and retired here, each change on the log."""

    form = ReasonCodeForm
    fields = ("code", "group", "label", "hotkey", "position", "is_active")
    list_display = ("label", "code", "group", "hotkey", "position", "is_active")
    list_filter = ("group", "is_active")

    def has_delete_permission(
        self, request: HttpRequest, obj: ReasonCode | None = None
    ) -> bool:
        """Return False: reads and labels name the code for ever."""
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: ReasonCode | None = None
    ) -> tuple[str, ...]:
        """Return what never changes once labels may carry it."""
        return () if obj is None else ("code", "group")

    def save_model(
        self, request: HttpRequest, obj: ReasonCode, form: forms.Form, change: bool
    ) -> None:
        """Save by the service, which versions the words and writes the event."""
        assert isinstance(request.user, User)
        fields = ReasonFields(obj.label, obj.hotkey, obj.position, obj.is_active)
        if change:
            change_reason_code(code=obj.code, fields=fields, actor=request.user)
        else:
            make_reason_code(
                code=obj.code,
                group=ReasonGroup(obj.group),
                fields=fields,
                actor=request.user,
            )
