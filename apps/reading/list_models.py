"""What worklists are searched and walked by, beside the cases themselves."""

from __future__ import annotations

import uuid

from django.db import models

from apps.accounts.models import Department
from apps.imaging.models import Study
from apps.reading.words import split_words

# Ranks below every suspicion: no lane could tell, or none has yet.
NO_OPINION = -1.0


class WordField(models.TextChoices):
    """Where a word of a case stands."""

    PATIENT = "p", "Patient's name or id"
    STUDY = "s", "Description or accession number"


class CaseWord(models.Model):
    """A word that finds a case by its beginning. PHI.

    Found through an index, where a search inside texts would read every case.
    """

    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "reading.Case", on_delete=models.CASCADE, related_name="words", db_index=False
    )
    field = models.CharField(max_length=1, choices=WordField.choices)
    # UTF-8: bytes sort the same in every locale; a beginning is a range of them.
    word = models.BinaryField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "field", "word"], name="case_word_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["department", "field", "word", "case"], name="case_word"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


def words_of(case_id: uuid.UUID, study: Study) -> list[CaseWord]:
    """Return the rows that find a case by the texts of its study and its patient."""
    patient = study.patient
    texts = {
        WordField.PATIENT: f"{patient.name} {patient.patient_id}",
        WordField.STUDY: f"{study.description} {study.accession_number}",
    }
    return [
        CaseWord(
            department_id=study.department_id,
            case_id=case_id,
            field=field.value,
            word=word.encode(),
        )
        for field, text in texts.items()
        for word in split_words(text)
    ]


class TriagePlace(models.Model):
    """Where a case stands in a triage worklist's order of suspicion.

    Beside the case and not in it: no list of cases can leak the opinion. Kept in step
    by Case.save and CaseOpinion.save; the state is never changed by a bare update.
    """

    case = models.OneToOneField(
        "reading.Case", on_delete=models.CASCADE, primary_key=True, related_name="place"
    )
    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    is_open = models.SmallIntegerField(default=1)
    # SQLite and PostgreSQL sort null differently.
    suspicion_rank = models.FloatField(default=NO_OPINION)
    is_flagged = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["department", "is_open", "is_flagged", "case"],
                name="case_flagged",
            ),
            models.Index(
                fields=["department", "is_open", "suspicion_rank", "case"],
                name="case_by_suspicion",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
