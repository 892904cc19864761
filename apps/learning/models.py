"""Rows of learning: practice. Labels come from verdicts, models from their cards."""

from __future__ import annotations

from apps.learning.practice_models import PracticeFilm as PracticeFilm
from apps.learning.practice_models import PracticeItem as PracticeItem
from apps.learning.practice_models import PracticeKind as PracticeKind
from apps.learning.practice_models import PracticeSession as PracticeSession
from apps.learning.practice_models import PracticeTruth as PracticeTruth
