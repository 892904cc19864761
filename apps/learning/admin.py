"""Staff pages of learning: the practice set, and nothing that holds an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Site, User
from apps.accounts.permissions import Permission, permissions_of
from apps.core.errors import RequestError
from apps.core.objects import put_stream
from apps.core.staff import name_model
from apps.learning.models import PracticeFilm, PracticeKind, PracticeTruth
from apps.learning.services.practice_films import (
    PracticeFacts,
    add_practice_film,
    check_facts,
)
from workers.errors import RejectedInput

name_model(
    PracticeFilm,
    _("practice film"),
    _("practice films"),
    fields={
        "description": _("description"),
        "kind": _("what was done"),
        "regions": _("altered parts"),
        "reason_codes": _("reason codes"),
        "explanation": _("explanation"),
        "modality": _("modality"),
        "is_active": _("in use"),
    },
)


class PracticeFilmForm(forms.ModelForm):  # type: ignore[type-arg]
    """A practice film; the file is given once, when it is added."""

    # Set by the page: whose practice set it is.
    site: Site | None = None
    file = forms.FileField(
        label=_("File"), help_text=_("DICOM, PNG, JPEG, TIFF or WebP.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            del self.fields["file"]

    def clean_reason_codes(self) -> list[str]:
        """Return the codes; an emptied field is none."""
        codes = self.cleaned_data["reason_codes"] or []
        if not isinstance(codes, list) or not all(isinstance(c, str) for c in codes):
            raise ValidationError(
                _('Give a list, as ["uniform_grain", "smooth_bone"].')
            )
        return codes

    def clean_regions(self) -> list[dict[str, int]]:
        """Return the boxes, each still to be checked; an emptied field is none."""
        regions = self.cleaned_data["regions"] or []
        if not isinstance(regions, list):
            raise ValidationError(_("Give a list of boxes."))
        return regions

    def clean(self) -> dict[str, Any]:
        """Return the fields, the film added. Raises ValidationError with the reason.

        Added here and not on saving, since only the film's pixels tell whether it may
        be taken.
        """
        fields = super().clean() or {}
        if self.errors:
            return fields
        adding = self.instance._state.adding
        film = self.instance
        facts = PracticeFacts(
            description=fields["description"],
            kind=PracticeKind(fields["kind"] if adding else film.kind),
            explanation=fields["explanation"],
            reason_codes=tuple(fields["reason_codes"]),
            regions=tuple(fields["regions"] if adding else film.regions),
        )
        try:
            if adding:
                if self.site is None:
                    raise ValidationError(_("Your account belongs to no site."))
                stored = put_stream(
                    fields["file"].chunks(), max_bytes=settings.MAX_FILE_BYTES
                )
                self.instance = add_practice_film(
                    site=self.site, stored=stored, facts=facts
                )
            else:
                check_facts(facts, film.rows, film.columns, film.frame_count)
        except RequestError as error:
            raise ValidationError(gettext(error.detail)) from error
        except RejectedInput as error:
            raise ValidationError(error.message) from error
        return fields


def _keeps_practice(request: HttpRequest) -> bool:
    return Permission.KEEP_PRACTICE in permissions_of(request.user)


@admin.register(PracticeFilm)
class PracticeFilmAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The practice set of a site: kept by its leads and ML engineers."""

    form = PracticeFilmForm
    list_display = ("description", "kind", "truth_words", "modality", "is_active")
    list_filter = ("kind", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PracticeFilm]:
        """Return the films of the caller's own site."""
        site = request.user.site_id if isinstance(request.user, User) else None
        films: QuerySet[PracticeFilm] = super().get_queryset(request)
        return films.filter(site=site)

    @admin.display(description=_("what it is"))
    def truth_words(self, film: PracticeFilm) -> str:
        """Return what the film is, in the words of the page."""
        return str(PracticeTruth(film.truth).label)

    def get_fields(
        self, request: HttpRequest, obj: PracticeFilm | None = None
    ) -> tuple[str, ...]:
        """Return the file and the truth for a new film; later they are only shown."""
        told = ("description", "kind", "regions", "reason_codes", "explanation")
        return ("file", *told) if obj is None else (*told, "is_active")

    def get_readonly_fields(
        self, request: HttpRequest, obj: PracticeFilm | None = None
    ) -> tuple[str, ...]:
        """Return what never changes: answers were judged by it."""
        return () if obj is None else ("kind", "regions")

    def get_form(
        self,
        request: HttpRequest,
        obj: PracticeFilm | None = None,
        change: bool = False,
        **options: Any,
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        """Return the form, which knows whose practice set it is."""
        made = super().get_form(request, obj, change, **options)
        site = request.user.site if isinstance(request.user, User) else None
        return type(made.__name__, (made,), {"site": site})

    def save_model(
        self, request: HttpRequest, obj: PracticeFilm, form: forms.Form, change: bool
    ) -> None:
        """Save a changed film; a new one was added with its pixels (see the form)."""
        if change:
            obj.save(
                update_fields=[
                    "description",
                    "reason_codes",
                    "explanation",
                    "is_active",
                ]
            )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the section is shown."""
        return _keeps_practice(request) or super().has_module_permission(request)

    def has_view_permission(
        self, request: HttpRequest, obj: PracticeFilm | None = None
    ) -> bool:
        """Return whether the practice set may be looked at."""
        return _keeps_practice(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether a film may be added."""
        return _keeps_practice(request) or super().has_add_permission(request)

    def has_change_permission(
        self, request: HttpRequest, obj: PracticeFilm | None = None
    ) -> bool:
        """Return whether words and codes may be changed, and films retired."""
        return _keeps_practice(request) or super().has_change_permission(request, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: PracticeFilm | None = None
    ) -> bool:
        """Return False: answers name the film. It is retired instead."""
        return False
