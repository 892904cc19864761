"""HTTP doorways of saved views."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.models import Department, User
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_own_department
from apps.reading.column_schemas import ColumnIn, rows_of
from apps.reading.columns import keep_known
from apps.reading.conditions import CaseFilter
from apps.reading.selectors import get_view, list_views
from apps.reading.services.views import change_view, make_view, remove_view
from apps.reading.view_models import SavedView
from apps.reading.worklist_schemas import SavedViewIn, SavedViewOut

router = Router(tags=["worklists"])


@router.get("/worklists/{slug}/views", response=list[SavedViewOut])
def read_views(request: HttpRequest, slug: str) -> list[SavedViewOut]:
    """List the caller's views of a worklist and the shared ones, by name."""
    user, department = _room(request, slug)
    views = list_views(user=user, department=department)
    return [_shape(view, user, department) for view in views]


@router.post("/worklists/{slug}/views", response={201: SavedViewOut})
def save_view(
    request: HttpRequest, slug: str, payload: SavedViewIn
) -> Status[SavedViewOut]:
    """Keep a filter and an order under a name."""
    user, department = _room(request, slug)
    view = make_view(
        user=user,
        department=department,
        name=payload.name,
        wanted=_filter_of(payload),
        shared=payload.is_shared,
        columns=rows_of(payload.columns),
    )
    return Status(201, _shape(view, user, department))


@router.put("/worklists/{slug}/views/{view_id}", response=SavedViewOut)
def put_view(
    request: HttpRequest, slug: str, view_id: uuid.UUID, payload: SavedViewIn
) -> SavedViewOut:
    """Change a view: its name, its filter, who sees it."""
    user, department = _room(request, slug)
    view = change_view(
        user=user,
        view=get_view(user=user, department=department, view_id=view_id),
        name=payload.name,
        wanted=_filter_of(payload),
        shared=payload.is_shared,
        columns=rows_of(payload.columns),
    )
    return _shape(view, user, department)


@router.delete("/worklists/{slug}/views/{view_id}", response={204: None})
def delete_view(request: HttpRequest, slug: str, view_id: uuid.UUID) -> Status[None]:
    """Throw a view away."""
    user, department = _room(request, slug)
    view = get_view(user=user, department=department, view_id=view_id)
    remove_view(user=user, view=view)
    return Status(204, None)


def _room(request: HttpRequest, slug: str) -> tuple[User, Department]:
    user, _ = require(user_of(request), Permission.READ_CASES)
    return user, get_own_department(user=user, slug=slug)


def _filter_of(payload: SavedViewIn) -> CaseFilter:
    return CaseFilter(
        state=payload.state,
        modality=payload.modality,
        mine=payload.mine,
        query=payload.filter,
        sort=payload.sort,
    )


def _shape(view: SavedView, user: User, department: Department) -> SavedViewOut:
    return SavedViewOut(
        id=view.pk,
        name=view.name,
        is_shared=view.is_shared,
        is_mine=view.owner_id == user.pk,
        state=view.state,
        modality=view.modality,
        mine=view.mine,
        filter=view.query,
        sort=view.sort,
        # The department may have gone over to blind reading since.
        columns=[
            ColumnIn.model_validate(column)
            for column in keep_known(view.columns, mode=department.reading_mode)
        ],
    )
