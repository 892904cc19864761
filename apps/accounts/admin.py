"""Staff pages for people and sites. Evidence is never shown here (blind first)."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from apps.accounts.models import Department, Site, User


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Sites."""

    list_display = ("name", "slug")


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Departments and their reading policy."""

    list_display = ("name", "site", "reading_mode")
    list_filter = ("site",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """People and integrations."""

    list_display = ("username", "display_name", "role", "site", "is_active")
    list_filter = ("role", "site", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "email")}),
        ("Truefilm", {"fields": ("site", "role")}),
        ("Status", {"fields": ("is_active", "is_staff", "is_superuser")}),
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
