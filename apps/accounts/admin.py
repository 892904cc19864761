"""Staff pages for people and sites. Evidence is never shown here (blind first)."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import (
    Department,
    Membership,
    ReadingMode,
    ReadingPolicy,
    SecondReader,
    Site,
    User,
)
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.services import (
    add_member,
    change_policy,
    check_policy,
    end_membership,
    record_department_made,
)
from apps.core.errors import Invalid
from apps.core.staff import name_model

# What a person may do follows from the role: a group would do nothing.
admin.site.unregister(Group)

name_model(Site, _("site"), _("sites"), fields={"name": _("name"), "slug": _("slug")})
name_model(
    Department,
    _("department"),
    _("departments"),
    fields={
        "site": _("site"),
        "slug": _("slug"),
        "name": _("name"),
        "position": _("place in the list"),
        "reading_mode": _("reading mode"),
        "second_reader": _("second reader"),
        "second_read_share": _("share of second reads"),
        "adjudication": _("adjudication"),
        "max_wait_hours": _("longest wait, hours"),
        "canary_share": _("share of canaries"),
        "pause_cases": _("pause after so many reads"),
        "pause_minutes": _("pause after so many minutes"),
        "audit_share": _("share of audits"),
        "audit_department": _("department that audits"),
        "policy_version": _("version"),
    },
)
name_model(
    Membership,
    _("membership"),
    _("memberships"),
    fields={
        "department": _("department"),
        "user": _("person"),
        "created_at": _("since"),
    },
)
name_model(
    User,
    _("person"),
    _("people"),
    fields={
        "site": _("site"),
        "role": _("role"),
        "display_name": _("name shown"),
    },
)


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Sites."""

    list_display = ("name", "slug")


class DepartmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A department; refuses a policy that would give hints."""

    class Meta:
        """What the model does not say itself."""

        help_texts: ClassVar = {
            "slug": _("Part of the worklist's address."),
            "second_read_share": _("0 to 1, of all cases, drawn as they come in."),
            "adjudication": _(
                "An adjudicator settles what two readers see differently."
            ),
        }

    def clean(self) -> dict[str, Any]:
        """Return the fields. Raises ValidationError with the policy's own words."""
        fields = super().clean() or {}
        if not self.errors:
            try:
                check_policy(_policy_of(fields), department=self._department(fields))
            except Invalid as error:
                raise ValidationError(gettext(str(error))) from error
        return fields

    def _department(self, fields: dict[str, Any]) -> Department:
        # A lead's page does not ask for the site; a new department has none yet.
        if "site" in fields:
            self.instance.site = fields["site"]
        department: Department = self.instance
        return department


def _policy_of(fields: dict[str, Any]) -> ReadingPolicy:
    return ReadingPolicy(
        mode=ReadingMode(fields["reading_mode"]),
        second_reader=SecondReader(fields["second_reader"]),
        second_read_share=Decimal(fields["second_read_share"]),
        adjudication=bool(fields["adjudication"]),
        max_wait_hours=int(fields["max_wait_hours"]),
        canary_share=Decimal(fields["canary_share"]),
        pause_cases=int(fields["pause_cases"]),
        pause_minutes=int(fields["pause_minutes"]),
        audit_share=Decimal(fields["audit_share"]),
        audit_department=fields["audit_department"],
    )


def _site_of(request: HttpRequest) -> uuid.UUID | None:
    return request.user.site_id if isinstance(request.user, User) else None


def _sets_policy(request: HttpRequest) -> bool:
    return Permission.SET_POLICY in permissions_of(request.user)


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Departments and their reading policy: a lead changes that of the own site."""

    form = DepartmentForm
    list_display = (
        "name",
        "site",
        "reading_mode",
        "second_reader",
        "adjudication",
        "audit_department",
        "policy_version",
    )
    list_select_related = ("site", "audit_department")
    list_filter = ("site",)
    fieldsets = (
        (None, {"fields": ("site", "slug", "name", "position")}),
        (
            _("How it reads"),
            {
                "fields": (
                    "reading_mode",
                    "second_reader",
                    "second_read_share",
                    "adjudication",
                    "max_wait_hours",
                )
            },
        ),
        (
            _("How it is checked"),
            {"fields": ("canary_share", "audit_share", "audit_department")},
        ),
        (_("Pauses"), {"fields": ("pause_cases", "pause_minutes")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        """Return all departments to an administrator, a lead's own site to a lead."""
        rows: QuerySet[Department] = super().get_queryset(request)
        if super().has_view_permission(request):
            return rows
        site = request.user.site_id if isinstance(request.user, User) else None
        return rows.filter(site=site) if _sets_policy(request) else rows.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the section is shown."""
        return super().has_module_permission(request) or _sets_policy(request)

    def has_view_permission(
        self, request: HttpRequest, obj: Department | None = None
    ) -> bool:
        """Return whether the department may be looked at."""
        return self._may(request, obj) or super().has_view_permission(request, obj)

    def has_change_permission(
        self, request: HttpRequest, obj: Department | None = None
    ) -> bool:
        """Return whether the department's policy may be changed."""
        return self._may(request, obj) or super().has_change_permission(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Department | None = None
    ) -> tuple[str, ...]:
        """Return what a lead may see but not change: all but the policy."""
        if super().has_change_permission(request, obj):
            return ()
        return ("site", "slug", "name", "position")

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        """Return the field; a lead is offered the departments of the own site."""
        if db_field.name == "audit_department" and not request.user.is_superuser:
            rows = Department.objects.filter(site=_site_of(request))
            options["queryset"] = rows
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(
        self, request: HttpRequest, obj: Department, form: forms.Form, change: bool
    ) -> None:
        """Save; the policy goes through its service, which puts it on the log."""
        assert isinstance(request.user, User)
        if not change:
            super().save_model(request, obj, form, change)
            record_department_made(department=obj, actor=request.user)
            return
        wanted = obj.policy
        obj.save(update_fields=["site", "slug", "name", "position"])
        changed = change_policy(department=obj, actor=request.user, policy=wanted)
        obj.policy_version = changed.policy_version

    def _may(self, request: HttpRequest, obj: Department | None) -> bool:
        if not _sets_policy(request) or not isinstance(request.user, User):
            return False
        return obj is None or obj.site_id == request.user.site_id


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """A membership; the person and the department are of one site."""

    def clean(self) -> dict[str, Any]:
        """Return the fields. Raises ValidationError for two sites."""
        fields = super().clean() or {}
        if not self.errors and fields["user"].site_id != fields["department"].site_id:
            raise ValidationError(_("Members are people of the same site."))
        return fields


def _sets_members(request: HttpRequest) -> bool:
    return Permission.SET_MEMBERS in permissions_of(request.user)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who belongs to which department: leads and administrators add and remove people
    of the own site, and each change is on the log."""

    form = MembershipForm
    fields = ("department", "user")
    list_display = ("user", "department", "created_at")
    list_filter = (("department", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("user", "department")
    search_fields = ("user__username", "user__display_name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Return the memberships of the caller's own site that have not ended."""
        rows: QuerySet[Membership] = super().get_queryset(request)
        rows = rows.filter(ended_at=None)
        if request.user.is_superuser:
            return rows
        return rows.filter(department__site=_site_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the section is shown."""
        return _sets_members(request)

    def has_view_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        """Return whether memberships may be looked at."""
        return _sets_members(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether people may be added."""
        return _sets_members(request)

    def has_change_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        """Return False: who belongs elsewhere is removed here and added there."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        """Return whether people may be removed."""
        return _sets_members(request)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        """Return the field, with the departments and people of the own site only."""
        if not request.user.is_superuser:
            rows = db_field.related_model.objects.filter(site=_site_of(request))
            options["queryset"] = rows
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(
        self, request: HttpRequest, obj: Membership, form: forms.Form, change: bool
    ) -> None:
        """Add the person by the service, which puts it on the log."""
        assert isinstance(request.user, User)
        made = add_member(
            department=obj.department, person=obj.user, actor=request.user
        )
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """End the membership by the service, which puts it on the log."""
        assert isinstance(request.user, User)
        end_membership(membership=obj, actor=request.user)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Membership]
    ) -> None:
        """End several memberships."""
        for row in queryset.select_related("department__site", "user"):
            self.delete_model(request, row)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """People and integrations."""

    list_display = ("username", "display_name", "role", "site", "is_active")
    list_filter = ("role", "site", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "email")}),
        ("Truefilm", {"fields": ("site", "role")}),
        (_("Status"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "display_name",
                    "site",
                    "role",
                    "password1",
                    "password2",
                )
            },
        ),
    )
