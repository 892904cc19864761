"""The words of Django's staff pages.

They are set on the models here and not in their fields, since rewording a page is no
change of the database and needs no migration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


def name_model(
    model: type[models.Model],
    one: Words,
    many: Words,
    *,
    fields: dict[str, Words],
) -> None:
    """Give a model and its fields the words that staff read.

    one, many: as within a sentence ("department", "departments").
    fields: label of each field, by name.
    """
    model._meta.verbose_name = one
    model._meta.verbose_name_plural = many
    for name, label in fields.items():
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)
        field.verbose_name = label
