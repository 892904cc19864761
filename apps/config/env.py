"""Typed reading of the environment: `_FILE` secrets, and a stop on unknown names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

PREFIX = "TRUEFILM_"


def load_environment(
    env_file: Path, *, known: Iterable[str], secrets: Iterable[str]
) -> environ.Env:
    """Return an Env over os.environ, after `.env` and `NAME_FILE` secrets were read.

    A `TRUEFILM_` name that no setting reads stops the start: a typo in a security
    setting must not pass in silence.
    """
    if env_file.exists():
        environ.Env.read_env(env_file, overwrite=False)
    names = frozenset(known)
    secret_names = frozenset(secrets)
    _read_secret_files(os.environ, secret_names)
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX)
        and name not in names
        and name.removesuffix("_FILE") not in secret_names
    )
    if unknown:
        raise ImproperlyConfigured(
            f"Unknown settings: {', '.join(unknown)}. docs/settings.md lists all."
        )
    return environ.Env()


def _read_secret_files(variables: Mapping[str, str], names: frozenset[str]) -> None:
    for name in names:
        path = variables.get(f"{name}_FILE")
        if not path:
            continue
        if name in variables:
            raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
        try:
            os.environ[name] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE cannot be read: {error.strerror}."
            ) from error
