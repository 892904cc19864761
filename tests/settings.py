"""The real settings under a test environment; only outside parts are swapped."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="truefilm-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

# A developer's environment must not steer the tests. A name that is set wins over the
# same name in `.env`, so every setting that could reach outside is set here.
for _name in [name for name in os.environ if name.startswith("TRUEFILM_")]:
    del os.environ[_name]
(_folder / "static").mkdir()
os.environ.update(
    TRUEFILM_SECRET_KEY="a-key-for-tests-only-that-is-long-enough-to-pass-checks",
    TRUEFILM_DATA_DIR=str(_folder),
    TRUEFILM_DATABASE_URL=os.environ.get(
        "TEST_DATABASE_URL", f"sqlite:///{_folder / 'unused.sqlite3'}"
    ),
    TRUEFILM_REDIS_URL="redis://127.0.0.1:1",
    TRUEFILM_OBJECT_STORE="folder",
    TRUEFILM_DEBUG="0",
    TRUEFILM_DEMO="0",
    TRUEFILM_HTTPS="0",
    TRUEFILM_MODELS_DIR="",
    TRUEFILM_C2PA_ANCHORS="",
    TRUEFILM_SIGNING_CERTIFICATE="",
    TRUEFILM_SIGNING_KEY="",
    TRUEFILM_C2PA_TIME_ANCHORS="",
)

from apps.config.settings import *  # noqa: E402, F403
from apps.config.settings import DATABASES, LOGGING  # noqa: E402

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, as in production: the in-memory database has other locking rules.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_URL = "memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}
# The frontend need not be built for server tests.
STATICFILES_DIRS = []
