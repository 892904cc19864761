"""HTTP doorways for changes to many cases at once."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router

from apps.accounts.auth import user_of
from apps.accounts.models import Department, User
from apps.accounts.permissions import Permission, require
from apps.accounts.selectors import get_own_department, list_readers
from apps.core.errors import Invalid
from apps.core.schemas import PersonOut
from apps.reading.models import Priority
from apps.reading.services.bulk import (
    RowResult,
    Standing,
    assign_cases,
    prioritise_cases,
    release_cases,
    restore_cases,
)
from apps.reading.shapes import shape_person
from apps.reading.worklist_schemas import BulkIn, BulkOut, BulkRowOut, StandingOut

router = Router(tags=["worklists"])
PRIORITIES = {priority.label: priority for priority in Priority}


@router.get("/worklists/{slug}/people", response=list[PersonOut])
def read_people(request: HttpRequest, slug: str) -> list[PersonOut]:
    """List who may be given cases of a worklist."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    department = get_own_department(user=user, slug=slug)
    return [shape_person(person) for person in list_readers(department=department)]


@router.post("/worklists/{slug}/cases/bulk", response=BulkOut)
def change_cases(request: HttpRequest, slug: str, payload: BulkIn) -> BulkOut:
    """Assign, release or prioritise many cases; each row has its own result."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    department = get_own_department(user=user, slug=slug)
    results = _change(user, department, payload)
    return BulkOut(items=[_shape_result(result) for result in results])


def _change(user: User, department: Department, asked: BulkIn) -> list[RowResult]:
    if asked.action == "release":
        return release_cases(actor=user, department=department, case_ids=asked.ids)
    if asked.action == "restore":
        standings = {
            row.id: Standing(
                holder_id=row.holder_id,
                claim_expires_at=row.claim_expires_at,
                priority=PRIORITIES[row.priority],
                version=row.version,
                claim_kind=row.claim_kind,
            )
            for row in asked.standings
        }
        return restore_cases(actor=user, department=department, standings=standings)
    if asked.action == "prioritise":
        if asked.priority is None:
            raise Invalid("Name the priority class.", code="priority_required")
        return prioritise_cases(
            actor=user,
            department=department,
            case_ids=asked.ids,
            priority=PRIORITIES[asked.priority],
        )
    readers = {person.pk: person for person in list_readers(department=department)}
    if asked.person_id not in readers:
        raise Invalid("This person cannot read these cases.", code="bad_person")
    return assign_cases(
        actor=user,
        department=department,
        case_ids=asked.ids,
        person=readers[asked.person_id],
    )


def _shape_result(result: RowResult) -> BulkRowOut:
    refusal = result.refusal
    return BulkRowOut(
        id=result.case_id,
        code=refusal.code if refusal else "",
        detail=refusal.detail if refusal else "",
        before=_shape_standing(result.before),
        after=_shape_standing(result.after),
    )


def _shape_standing(standing: Standing | None) -> StandingOut | None:
    if standing is None:
        return None
    return StandingOut(**{**asdict(standing), "priority": standing.priority.label})
