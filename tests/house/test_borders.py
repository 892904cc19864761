"""workers stays free of Django, enqueued names resolve, nothing local is committed."""

from __future__ import annotations

import re
import subprocess
import sys

from celery import Task
from django.utils.module_loading import import_string

from tests.house.tree import BASE_DIR, list_python_files, list_tracked_files

# Put together here so that this file does not hold what it forbids.
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("deb", "debian", "org"),
        )
    )
)
LOCAL_PATHS = re.compile(r"(?<![\w./-])/(?:root|home|Users|work|opt)/\w")
ENQUEUED = re.compile(r"""\benqueue\(\s*["']([\w.]+)["']""")


def test_importing_workers_leaves_django_out() -> None:
    modules = [
        ".".join(path.relative_to(BASE_DIR).with_suffix("").parts).removesuffix(
            ".__init__"
        )
        for path in list_python_files("workers")
        # Training needs packages that only its extra installs.
        if "training" not in path.parts and path.name != "__main__.py"
    ]
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "bad = {'django', 'celery', 'channels', 'redis', 'apps'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(bad)) or None)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, *modules],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr


def test_the_stack_starts_without_loading_settings() -> None:
    program = (
        "import sys, apps.core.stack\n"
        "sys.exit('apps.config.settings' in sys.modules or 'celery' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=BASE_DIR).returncode == 0


def test_every_enqueued_name_is_a_task() -> None:
    found = {
        name
        for path in list_python_files("apps")
        for name in ENQUEUED.findall(path.read_text(encoding="utf-8"))
    }
    assert found
    assert [n for n in found if not isinstance(import_string(n), Task)] == []


def test_no_tracked_file_names_a_registry_or_a_path_of_this_machine() -> None:
    hits = []
    for path in list_tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a model
        for pattern in (REGISTRIES, LOCAL_PATHS):
            if match := pattern.search(text):
                hits.append(f"{path.relative_to(BASE_DIR)}: {match.group()}")
    assert hits == []


def test_both_locks_pin_the_same_versions() -> None:
    pin = re.compile(r"^([\w.-]+)==(\S+)", flags=re.MULTILINE)
    runtime, development = (
        set(pin.findall((BASE_DIR / name).read_text(encoding="utf-8")))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime
    assert runtime - development == set()
