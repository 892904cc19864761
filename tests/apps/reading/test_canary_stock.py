"""The stock of canaries: who fills it, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core.errors import Conflict, Denied
from apps.reading.canary_models import CanaryFilm, Truth
from tests.apps.reading.canary_room import (
    analyse,
    make_scene,
    send,
    stock,
    write_known,
    write_ordinary,
)
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import Said
from workers.errors import RejectedInput

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_lanes")]


def test_the_stock_refuses_what_would_give_itself_away(
    canary_room: Hospital, tmp_path: Path, bearer: dict[str, str]
) -> None:
    stock(
        canary_room.blind, write_known(tmp_path, 9), Truth.GENERATED, canary_room.lena
    )
    again = write_film(tmp_path / "again.dcm", array=make_scene(9)[:, ::-1], seed=5)
    with pytest.raises(Conflict) as known:
        stock(canary_room.triage, again, Truth.ALTERED, canary_room.lena)
    assert known.value.code == "film_known"
    analyse(send(write_ordinary(tmp_path, 3), bearer), Said())
    with pytest.raises(Conflict):
        stock(
            canary_room.blind,
            write_known(tmp_path, 3),
            Truth.AUTHENTIC,
            canary_room.lena,
        )
    blank = write_film(tmp_path / "blank.dcm", array=make_scene(1) * 0 + 5, seed=6)
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    for path in (blank, text, write_known(tmp_path, 7, StudyDate=None)):
        with pytest.raises(RejectedInput):
            stock(canary_room.blind, path, Truth.GENERATED, canary_room.lena)
    assert CanaryFilm.objects.count() == 1


def test_only_a_lead_of_the_site_stocks_and_no_event_tells_of_it(
    canary_room: Hospital, charlie: User, tmp_path: Path
) -> None:
    path = write_known(tmp_path, 9)
    for person in (canary_room.alice, canary_room.ada, canary_room.max, charlie):
        with pytest.raises(Denied):
            stock(canary_room.blind, path, Truth.GENERATED, person)
    before = Event.objects.count()
    film = stock(canary_room.blind, path, Truth.GENERATED, canary_room.lena)
    assert (film.added_by, film.truth) == (canary_room.lena, Truth.GENERATED)
    assert Event.objects.count() == before


def test_the_command_stocks_and_says_what_it_refuses(
    canary_room: Hospital, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films = [str(write_known(tmp_path, seed)) for seed in (8, 9)]
    where = {"site": "north", "worklist": "emergency", "truth": "altered"}
    call_command("stock_canary", films[0], by="lena", **where)
    assert CanaryFilm.objects.get().truth == Truth.ALTERED
    with pytest.raises(CommandError, match="1 of 2 files refused"):
        call_command("stock_canary", *films, by="lena", **where)
    told = capsys.readouterr()
    assert "fake_9.dcm: stocked" in told.out
    assert "has this picture already" in told.err
    for wrong in ({"by": "nobody"}, {"by": "lena", "site": "south"}):
        with pytest.raises(CommandError, match="no such"):
            call_command("stock_canary", *films, **{**where, **wrong})
    with pytest.raises(CommandError, match="no such worklist"):
        call_command("stock_canary", *films, by="lena", **{**where, "worklist": "x"})
    assert CanaryFilm.objects.count() == 2
