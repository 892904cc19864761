"""`python -m workers COMMAND`: films, their signatures, and the models."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence

# By name and imported only when asked for: training needs packages of the `train`
# extra, which a machine that only analyses films does not have.
COMMANDS = {
    "analyze": ("workers.cli.analyze", "run the evidence lanes on films"),
    "sign": ("workers.cli.sign", "put a digital signature into DICOM files"),
    "signatures": ("workers.cli.signatures", "verify the digital signatures in them"),
    "train": ("workers.training.train", "train a model from labelled films"),
    "evaluate": ("workers.training.evaluate", "measure a lane on labelled films"),
}


def main(argv: Sequence[str]) -> int:
    """Return the exit code of the command; 2 where there is no such command."""
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(_usage())
        return 0
    if not argv or argv[0] not in COMMANDS:
        sys.stderr.write(_usage())
        return 2
    module_name, _ = COMMANDS[argv[0]]
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("workers"):
            raise
        sys.stderr.write(
            f"{argv[0]} needs the package {error.name}: install the train extra\n"
        )
        return 2
    command: Callable[[list[str]], int] = module.main
    return command(list(argv[1:]))


def _usage() -> str:
    lines = [f"  {name:12}{text}" for name, (_, text) in COMMANDS.items()]
    return "usage: python -m workers COMMAND ...\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
