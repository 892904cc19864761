"""A model in ONNX Runtime, opened late and once per process."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from workers.errors import ModelError
from workers.model_card import ModelCard, read_verified_model


class ModelSession:
    """The model of one card, on one thread.

    ONNX Runtime threads do not survive a fork, so a session made before Celery forks
    its workers would hang in the child; hence on first use, and anew in another
    process. Raises ModelError there if the model is missing, altered or unusable.
    """

    def __init__(self, models_dir: Path, card: ModelCard) -> None:
        self.card = card
        self._models_dir = models_dir
        self._session: ort.InferenceSession | None = None
        self._session_pid: int | None = None

    def _open(self) -> ort.InferenceSession:
        if self._session is None or self._session_pid != os.getpid():
            payload = read_verified_model(self._models_dir, self.card)
            options = ort.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            try:
                self._session = ort.InferenceSession(
                    payload, options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # its error classes derive from Exception alone
                name = type(error).__name__
                raise ModelError(f"the model cannot be opened ({name})") from error
            self._session_pid = os.getpid()
        return self._session

    def inputs(self) -> frozenset[str]:
        """Return the names of the model's inputs."""
        return frozenset(value.name for value in self._open().get_inputs())

    def outputs(self) -> tuple[str, ...]:
        """Return the names of the model's outputs, in their order."""
        return tuple(value.name for value in self._open().get_outputs())

    def run(
        self, names: Sequence[str], given: Mapping[str, NDArray[np.generic]]
    ) -> list[NDArray[np.float64]]:
        """Return the outputs `names` for the inputs `given`, as float64."""
        answers = self._open().run(list(names), dict(given))
        return [np.asarray(value, np.float64) for value in answers]
