"""Where commands that sign have their key from: files, or a token (PKCS #11)."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workers.dicom.signatures.macs import ALGORITHMS
from workers.dicom.signatures.sign import CannotSign, FileSigner, Signer


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that `open_signer` reads."""
    parser.add_argument(
        "--cert", required=True, type=Path, metavar="PEM", help="the signer's"
    )
    parser.add_argument("--key", type=Path, metavar="PEM", help="the private key")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="password of the key"
    )
    parser.add_argument(
        "--mac",
        default="SHA256",
        choices=[a.name for a in ALGORITHMS.values() if not a.is_weak],
    )
    token = parser.add_argument_group("a key on a token (PKCS #11), in place of --key")
    token.add_argument("--pkcs11-module", type=Path, metavar="LIBRARY")
    token.add_argument("--token", metavar="LABEL")
    token.add_argument("--key-label", metavar="LABEL")
    token.add_argument("--pin-file", type=Path, metavar="FILE")


@contextmanager
def open_signer(options: Mapping[str, Any]) -> Iterator[Signer]:
    """Yield the signer that the options name. Raises CannotSign, and OSError for files
    that cannot be read."""
    certificate = options["cert"].read_bytes()
    if options["key"] is not None and options["pkcs11_module"] is None:
        password = None
        if options["password_file"] is not None:
            password = options["password_file"].read_bytes().strip()
        yield FileSigner.load(
            key=options["key"].read_bytes(), certificate=certificate, password=password
        )
        return
    named = (
        options["pkcs11_module"],
        options["token"],
        options["key_label"],
        options["pin_file"],
    )
    if options["key"] is not None or None in named:
        raise CannotSign(
            "Give --key, or --pkcs11-module with --token, --key-label and --pin-file."
        )
    try:
        # By name: the package is wanted only by those who have a token.
        tokens = importlib.import_module("workers.dicom.signatures.pkcs11_signer")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("workers"):
            raise
        raise CannotSign(
            f"A token needs the package {error.name}: install the pkcs11 extra."
        ) from None
    with tokens.open_token(
        options["pkcs11_module"],
        token=options["token"],
        key=options["key_label"],
        pin=options["pin_file"].read_text().strip(),
        certificate=certificate,
    ) as signer:
        yield signer
