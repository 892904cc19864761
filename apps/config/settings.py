"""All settings, from the environment alone. docs/settings.md explains each."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from apps.config.env import load_environment

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_NAMES = (
    "TRUEFILM_SECRET_KEY",
    "TRUEFILM_DATABASE_URL",
    "TRUEFILM_REDIS_URL",
    "TRUEFILM_S3_ACCESS_KEY",
    "TRUEFILM_S3_SECRET_KEY",
    "TRUEFILM_SIGNING_CERTIFICATE",
    "TRUEFILM_SIGNING_KEY",
)
KNOWN_NAMES = (
    *SECRET_NAMES,
    "TRUEFILM_ALLOWED_HOSTS",
    "TRUEFILM_C2PA_ANCHORS",
    "TRUEFILM_C2PA_TIME_ANCHORS",
    "TRUEFILM_CSRF_TRUSTED_ORIGINS",
    "TRUEFILM_DATABASE_POOL",
    "TRUEFILM_DATA_DIR",
    "TRUEFILM_DEBUG",
    "TRUEFILM_DEMO",
    "TRUEFILM_HOST",
    "TRUEFILM_HTTPS",
    "TRUEFILM_LEASE_SECONDS",
    "TRUEFILM_LOG_LEVEL",
    "TRUEFILM_MAX_FILE_BYTES",
    "TRUEFILM_MAX_PIXELS",
    "TRUEFILM_MAX_ZIP_BYTES",
    "TRUEFILM_MAX_ZIP_MEMBERS",
    "TRUEFILM_MODELS_DIR",
    "TRUEFILM_OBJECT_STORE",
    "TRUEFILM_PORT",
    "TRUEFILM_PREVALENCE",
    "TRUEFILM_S3_BUCKET",
    "TRUEFILM_S3_ENDPOINT_URL",
    "TRUEFILM_S3_REGION",
    "TRUEFILM_SWEEP_SECONDS",
    "TRUEFILM_TIME_ZONE",
    "TRUEFILM_WORKER_PROCESSES",
)
env = load_environment(BASE_DIR / ".env", known=KNOWN_NAMES, secrets=SECRET_NAMES)

DEBUG = env.bool("TRUEFILM_DEBUG", default=False)
DATA_DIR = Path(env.str("TRUEFILM_DATA_DIR", default=str(BASE_DIR / "var")))
DEMO = env.bool("TRUEFILM_DEMO", default=False)
HTTPS = env.bool("TRUEFILM_HTTPS", default=not DEBUG)
SECRET_KEY = env.str("TRUEFILM_SECRET_KEY", default="insecure-debug" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("TRUEFILM_SECRET_KEY is not set.")

ALLOWED_HOSTS = env.list(
    "TRUEFILM_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("TRUEFILM_CSRF_TRUSTED_ORIGINS", default=[])
HOST = env.str("TRUEFILM_HOST", default="127.0.0.1")
PORT = env.int("TRUEFILM_PORT", default=8000)
WORKER_PROCESSES = env.int("TRUEFILM_WORKER_PROCESSES", default=2)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "ninja",
    "storages",
    "apps.core",
    "apps.audit",
    "apps.accounts",
    "apps.imaging",
    "apps.detection",
    "apps.reading",
    "apps.learning",
    "apps.insights",
    "apps.config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.config.middleware.ContentSecurityPolicyMiddleware",
    "apps.config.middleware.NoStoreMiddleware",
    "apps.config.middleware.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "apps.config.urls"
ASGI_APPLICATION = "apps.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps: the staff pages' own templates come from Django's admin.
        "DIRS": [
            BASE_DIR / "frontend" / "dist",
            BASE_DIR / "apps" / "config" / "templates",
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.config.context.demo_accounts",
            ]
        },
    }
]

# --- database -------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database: dict[str, Any] = env.db_url(
    "TRUEFILM_DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'truefilm.sqlite3'}"
)
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction begins: without it two writers
    # that both began by reading deadlock, and the timeout cannot help them.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            # FULL: what was acknowledged survives a power cut, not only a crash.
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA cache_size=-64000; PRAGMA mmap_size=268435456;"
        ),
    }
else:
    # Not CONN_MAX_AGE: an ASGI server runs each request in a thread of its own, which
    # would end with its connection open.
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        "pool": {
            "min_size": 0,
            "max_size": env.int("TRUEFILM_DATABASE_POOL", default=8),
        }
    }
DATABASES = {"default": _database}

# --- broker, cache, channel layer -----------------------------------------------------
REDIS_URL = env.str("TRUEFILM_REDIS_URL", default="redis://127.0.0.1:6379")
if urlsplit(REDIS_URL).path.strip("/"):
    raise ImproperlyConfigured(
        "TRUEFILM_REDIS_URL must not name a database: 0, 1 and 2 are used."
    )
REDIS_URL = REDIS_URL.rstrip("/")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{REDIS_URL}/1",
        "KEY_PREFIX": "truefilm",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # redis-py 8 closes idle sockets after 5 s by default; a layer waits for hours.
        "CONFIG": {"hosts": [{"address": f"{REDIS_URL}/2", "socket_timeout": None}]},
    }
}
LEASE_SECONDS = env.int("TRUEFILM_LEASE_SECONDS", default=180)
SWEEP_SECONDS = env.int("TRUEFILM_SWEEP_SECONDS", default=30)
CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest time limit, else a long task is delivered twice.
    "visibility_timeout": 3600,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "ingest"
CELERY_TASK_ROUTES = {
    "apps.imaging.tasks.*": {"queue": "ingest"},
    "apps.detection.tasks.*": {"queue": "detect"},
    "apps.reading.tasks.*": {"queue": "ingest"},
    "apps.learning.tasks.*": {"queue": "learn"},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- objects --------------------------------------------------------------------------
OBJECT_STORE = env.str("TRUEFILM_OBJECT_STORE", default="folder")
if OBJECT_STORE == "folder":
    _objects: dict[str, Any] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(DATA_DIR / "objects"),
            "base_url": None,
            # A name is the digest of the bytes: without this, the second of two
            # writers of one film would leave its copy under a made-up name.
            "allow_overwrite": True,
        },
    }
elif OBJECT_STORE == "s3":
    _objects = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.str("TRUEFILM_S3_BUCKET"),
            "access_key": env.str("TRUEFILM_S3_ACCESS_KEY"),
            "secret_key": env.str("TRUEFILM_S3_SECRET_KEY"),
            "endpoint_url": env.str("TRUEFILM_S3_ENDPOINT_URL", default=None),
            "region_name": env.str("TRUEFILM_S3_REGION", default=None),
            "default_acl": None,
            "file_overwrite": True,
            "querystring_auth": True,
        },
    }
else:
    raise ImproperlyConfigured("TRUEFILM_OBJECT_STORE must be 'folder' or 's3'.")
STORAGES = {
    "default": _objects,
    "objects": _objects,
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedStaticFilesStorage",
    },
}

# --- limits ---------------------------------------------------------------------------
MAX_FILE_BYTES = env.int("TRUEFILM_MAX_FILE_BYTES", default=512 * 1024**2)
MAX_PIXELS = env.int("TRUEFILM_MAX_PIXELS", default=64_000_000)
MAX_ZIP_BYTES = env.int("TRUEFILM_MAX_ZIP_BYTES", default=4 * 1024**3)
MAX_ZIP_MEMBERS = env.int("TRUEFILM_MAX_ZIP_MEMBERS", default=20_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_NUMBER_FILES = 2500
# Beside the objects, so that storing a file is a rename. Django checks that it exists.
(DATA_DIR / "incoming").mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "incoming")
MODELS_DIR = env.str("TRUEFILM_MODELS_DIR", default="")
C2PA_ANCHORS = env.str("TRUEFILM_C2PA_ANCHORS", default="")
C2PA_TIME_ANCHORS = env.str("TRUEFILM_C2PA_TIME_ANCHORS", default="")
SIGNING_CERTIFICATE = env.str("TRUEFILM_SIGNING_CERTIFICATE", default="")
SIGNING_KEY = env.str("TRUEFILM_SIGNING_KEY", default="")
PREVALENCE = env.float("TRUEFILM_PREVALENCE", default=0.01)
if not 0 < PREVALENCE < 1:
    raise ImproperlyConfigured("TRUEFILM_PREVALENCE must be between 0 and 1.")

# --- people ---------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# What axes keeps lies in the cache: its tables, and their staff pages, stay empty.
AXES_ENABLE_ADMIN = False
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "config/locked.html"
AXES_VERBOSE = False
# Usernames are personal data: axes must not write them to the log.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

# --- security -------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Load balancers and probes ask for health inside the network, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- language, static files, log ------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "apps" / "config" / "locale"]
# Also written by the page (frontend/src/i18n/language.ts): both halves agree.
LANGUAGE_COOKIE_NAME = "truefilm_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
TIME_ZONE = env.str("TRUEFILM_TIME_ZONE", default="UTC")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
_dist = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [("app", str(_dist))] if _dist.is_dir() else []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "apps.config.logs.PlaceFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["console"],
        "level": env.str("TRUEFILM_LOG_LEVEL", default="INFO"),
    },
    "loggers": {
        "openjpeg": {"level": "WARNING"},
        "pydicom": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
    },
}
