"""A million invented cases, with everything a worklist is read from."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Sequence

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.imaging.models import Patient, Study
from apps.reading.list_models import NO_OPINION, CaseWord, TriagePlace, words_of
from apps.reading.models import (
    SHUFFLE_SPAN,
    Case,
    CaseOpinion,
    CaseState,
    Priority,
)
from apps.reading.words import fold

BATCH = 2000
COPIES = 50
GIVEN = (
    *("Anna", "Ben", "Cleo", "Dario", "Edith", "Farid", "Greta", "Hugo", "Ines"),
    *("Jonas", "Kira", "Leo", "Mona", "Nils", "Olga", "Pavel", "Quinn", "Rosa"),
    *("Sven", "Tara"),
)
STUDIES = (
    ("DX", "Chest PA", 50),
    ("CR", "Lower leg", 25),
    ("CT", "Head", 14),
    ("MG", "Mammography screening", 10),
    ("PX", "Panoramic", 0.02),
)


def fill(rooms: Sequence[Department], *, cases: int, open_per_room: int) -> None:
    """Insert `cases` cases over the rooms; `open_per_room` of each are open.

    A fiftieth is made row by row, past the services: what those derive is derived here.
    The database copies that 49 times, with other ids, orders and serial numbers.
    """
    chance = random.Random(0)
    readers = list(User.objects.order_by("username"))
    per_room = cases // len(rooms) // COPIES
    for room in rooms:
        for first in range(0, per_room, BATCH):
            numbers = range(first, min(first + BATCH, per_room))
            made = [
                _make(room, number, open_per_room // COPIES, readers, chance)
                for number in numbers
            ]
            _insert(made, room, chance)
    for model in (Patient, Study, Case, CaseOpinion, TriagePlace, CaseWord):
        _copy(model)


def _copy(model: type[Model]) -> None:
    """Copy a table's rows with the number of the copy in the front of every own id."""
    is_sqlite = connection.vendor == "sqlite"
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    columns = [
        str(f.column) for f in fields if f.column != "id" or model is not CaseWord
    ]
    own = {"id", "study_id", "patient_id", "case_id"}
    if model is Patient:
        own = {"id"}
    # Copies must not stand beside each other.
    anywhere = "abs(random() >> 1)" if is_sqlite else "(random() * 2 ^ 62)::bigint"
    marks = {
        "patient_id": "patient_id || '-' || n",
        "study_instance_uid": "study_instance_uid || '.' || n",
        "accession_number": "accession_number || '-' || n",
        "shuffle_key": (f"CASE WHEN shuffle_key < 0 THEN -1 ELSE 1 END * {anywhere}"),
        # Within a second of the first, so that every age stays what it was.
        "received_at": (
            "strftime('%Y-%m-%d %H:%M:%f', received_at, (n / -50.0) || ' seconds')"
            if is_sqlite
            else "received_at - n * interval '20 ms'"
        ),
    }
    taken = [
        _other_id(column, is_sqlite) if column in own else marks.get(column, column)
        for column in columns
    ]
    numbers = (
        f"WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies "
        f"WHERE n < {COPIES - 1})"
    )
    table = model._meta.db_table
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE first_copy AS SELECT {names} FROM {table}"
        )
        cursor.execute(
            f"INSERT INTO {table} ({names}) {numbers} "
            f"SELECT {', '.join(taken)} FROM first_copy, copies"
        )
        cursor.execute("DROP TABLE first_copy")


def _other_id(column: str, is_sqlite: bool) -> str:
    # The version digit, 4 in every first id, is 8 in a copy: no two can meet.
    if is_sqlite:
        plain, number = column, "printf('%04x', n)"
    else:
        plain, number = f"replace({column}::text, '-', '')", "lpad(to_hex(n), 4, '0')"
    made = f"{number} || substr({plain}, 5, 8) || '8' || substr({plain}, 14)"
    return made if is_sqlite else f"({made})::uuid"


def _make(
    room: Department,
    number: int,
    open_per_room: int,
    readers: Sequence[User],
    chance: random.Random,
) -> Case:
    modality, description, _ = chance.choices(STUDIES, [s[2] for s in STUDIES])[0]
    patient = Patient(
        site_id=room.site_id,
        patient_id=f"PID-{room.slug}-{number}",
        name=f"Family{chance.randrange(10**5)}^{chance.choice(GIVEN)}",
        sex="F",
    )
    serial = uuid.UUID(int=chance.getrandbits(128), version=4)
    study = Study(
        id=serial,
        site_id=room.site_id,
        department=room,
        patient=patient,
        study_instance_uid=f"2.25.{serial.int}",
        accession_number=f"ACC{number}",
        description=description,
        modality=modality,
    )
    is_open = number < open_per_room
    age_s = number * 30 * 86_400 / max(open_per_room, 1)
    case = Case(
        study=study,
        site_id=room.site_id,
        department=room,
        state=_state(chance) if is_open else CaseState.DONE,
        received_at=timezone.now() - dt.timedelta(seconds=age_s),
        shuffle_key=chance.randrange(SHUFFLE_SPAN),
        image_count=1,
        lanes_done=6,
        lanes_total=6,
        patient_key=fold(patient.name).encode()[:64],
        modality=modality,
    )
    if is_open and chance.random() < 0.002:
        case.priority = Priority.STAT
        case.shuffle_key -= 2 * SHUFFLE_SPAN
    if is_open and chance.random() < 0.002:
        case.claimed_by = chance.choice(readers)
        case.claim_expires_at = timezone.now() + dt.timedelta(days=1)
    return case


def _state(chance: random.Random) -> CaseState:
    states = {
        CaseState.READY: 93.0,
        CaseState.ANALYSING: 2.0,
        CaseState.SEALED: 2.0,
        CaseState.SECOND_READ: 2.5,
        CaseState.ADJUDICATION: 0.5,
    }
    return chance.choices(list(states), list(states.values()))[0]


def _insert(cases: Sequence[Case], room: Department, chance: random.Random) -> None:
    Patient.objects.bulk_create(case.study.patient for case in cases)
    Study.objects.bulk_create(case.study for case in cases)
    Case.objects.bulk_create(cases)
    CaseWord.objects.bulk_create(_words(cases))
    opinions = [_opinion(case, chance) for case in cases]
    CaseOpinion.objects.bulk_create(opinions)
    TriagePlace.objects.bulk_create(
        TriagePlace(
            case=case,
            department=room,
            is_open=int(case.state != CaseState.DONE),
            suspicion_rank=opinion.suspicion_rank,
            is_flagged=int(opinion.flagged),
        )
        for case, opinion in zip(cases, opinions, strict=True)
    )


def _words(cases: Sequence[Case]) -> Iterator[CaseWord]:
    for case in cases:
        yield from words_of(case.pk, case.study)


def _opinion(case: Case, chance: random.Random) -> CaseOpinion:
    suspicion = chance.betavariate(1, 8)
    is_told = case.state != CaseState.ANALYSING
    return CaseOpinion(
        case=case,
        suspicion=suspicion if is_told else None,
        suspicion_rank=suspicion if is_told else NO_OPINION,
        flagged=is_told and suspicion > 0.5,
        top_lane=chance.choice(("synthesis", "tamper", "reuse")),
        reason="Invented.",
    )
