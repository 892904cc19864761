"""Saved views: kept, changed and thrown away by who made them; leads share them."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from apps.accounts.models import Department, User
from apps.accounts.permissions import Permission, permissions_of
from apps.core.errors import Conflict, Denied, Invalid
from apps.reading.columns import ShownColumn, checked_columns
from apps.reading.conditions import CaseFilter
from apps.reading.filters import PRIVATE_FIELDS, parse_filter
from apps.reading.view_models import SavedView
from apps.reading.worklist import check_filter

MAX_VIEWS = 50


@transaction.atomic
def make_view(
    *,
    user: User,
    department: Department,
    name: str,
    wanted: CaseFilter,
    shared: bool,
    columns: list[ShownColumn],
) -> SavedView:
    """Return a new view. Raises Denied, Conflict (`name_taken`, `too_many_views`) or
    Invalid (`name_required`, `private_filter`, `bad_columns`, what a list
    refuses)."""
    held = SavedView.objects.filter(department=department, owner=user)
    if held.count() >= MAX_VIEWS:
        raise Conflict(f"You have {MAX_VIEWS} views here.", code="too_many_views")
    view = SavedView(department=department, owner=user)
    view.columns = checked_columns(columns, mode=department.reading_mode)
    return _write(view, user, name, wanted, shared)


@transaction.atomic
def change_view(
    *,
    user: User,
    view: SavedView,
    name: str,
    wanted: CaseFilter,
    shared: bool,
    columns: list[ShownColumn],
) -> SavedView:
    """Return a view with another name, filter, audience or columns. Raises as
    `make_view`."""
    _require_own(user, view)
    view.columns = checked_columns(columns, mode=view.department.reading_mode)
    return _write(view, user, name, wanted, shared)


@transaction.atomic
def remove_view(*, user: User, view: SavedView) -> None:
    """Throw a view away. Raises Denied."""
    _require_own(user, view)
    view.delete()


def _write(
    view: SavedView, user: User, name: str, wanted: CaseFilter, shared: bool
) -> SavedView:
    name = name.strip()
    if not name:
        raise Invalid("Give the view a name.", code="name_required")
    if shared and Permission.SHARE_VIEWS not in permissions_of(user):
        raise Denied("Only a lead may share a view.")
    check_filter(user=user, department=view.department, wanted=wanted)
    terms = parse_filter(wanted.query, allow_opinion=True)
    if wanted.text or any(term.field in PRIVATE_FIELDS for term in terms):
        raise Invalid(
            "A view keeps no words that may name a patient.", code="private_filter"
        )
    view.name, view.is_shared = name, shared
    view.state, view.modality = wanted.state, wanted.modality
    view.mine, view.query, view.sort = wanted.mine, wanted.query, wanted.sort
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise Conflict("You have a view of this name.", code="name_taken") from error
    return view


def _require_own(user: User, view: SavedView) -> None:
    """Raise Denied unless it is theirs, or shared and they may share views."""
    may_share = Permission.SHARE_VIEWS in permissions_of(user)
    if view.owner_id != user.pk and not (view.is_shared and may_share):
        raise Denied("This view is another person's.")
