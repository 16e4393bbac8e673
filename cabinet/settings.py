"""Settings: the embedded default without any environment, production through it (README, «Settings»)."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))


def kept_secret(name: str) -> str:
    """A random secret of the embedded default, made once and kept in var/ for the owner's eyes only."""
    path = VAR_DIR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
IS_EMBEDDED = not DATABASE_URL.startswith(("postgres:", "postgresql:"))

if IS_EMBEDDED:
    SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret("secret_key")
    LINK_PEPPER = env.str("LINK_PEPPER", "") or kept_secret("link_pepper")
else:
    SECRET_KEY, LINK_PEPPER = env.str("SECRET_KEY", ""), env.str("LINK_PEPPER", "")
    for _name, _value in (("SECRET_KEY", SECRET_KEY), ("LINK_PEPPER", LINK_PEPPER)):
        if len(_value) < 40 or len(set(_value)) < 10:
            raise ImproperlyConfigured(
                f"{_name} is missing or weak: with PostgreSQL it must be a random string of 40 characters or more."
            )
    if SECRET_KEY == LINK_PEPPER:
        raise ImproperlyConfigured("SECRET_KEY and LINK_PEPPER must differ: one leak must not open both.")

DEBUG = env.bool("DEBUG", False)
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{env.str('PORT', '8000')}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "motor.views.personal.token_missing"

INSTALLED_APPS = [
    "cabinet.core",
    "cabinet.structure",
    "cabinet.users",
    "cabinet.files",
    "cabinet.mail",
    "cabinet.jobs",
    "cabinet.library",
    "cabinet.planner",
    "cabinet.polls",
    "cabinet.courses",
    "rma",
    "iom",
    "motor",
    "registry",
    "cabinet.home",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cabinet.core.middleware.TrustedProxyMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "motor.middleware.EndedLinkMiddleware",
]

ROOT_URLCONF = "cabinet.urls"
WSGI_APPLICATION = "cabinet.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# An index may carry further columns for PostgreSQL; SQLite leaves them out, and need not say so at every start.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cabinet.home.menu.menu",
            ],
        },
    }
]

if IS_EMBEDDED:
    DATABASES = {
        "default": env.db_url_config(DATABASE_URL or f"sqlite:///{VAR_DIR / 'cabinet.sqlite3'}")
        | {
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN: a reader that turns writer would fail without waiting.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            }
        }
    }
    VAR_DIR.mkdir(exist_ok=True)
else:
    DATABASES = {
        "default": env.db_url_config(DATABASE_URL)
        | {
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            # Lists join a dozen small tables by key. Looking for the best order of them took PostgreSQL 40 ms,
            # running the query 4: beyond a few tables the order they are written in is good enough. Compiling
            # an estimate with many subqueries took two seconds more for queries of a tenth of a second.
            "OPTIONS": {"options": "-c join_collapse_limit=4 -c jit=off"},
        },
    }

# Limits on logins are counted in the shared cache; what each process may remember by itself is in "local".
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if IS_EMBEDDED
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "local"},
}

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "cabinet.users.backends.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "cabinet.mail.account_adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no letters to addresses we do not know
# Wrong codes typed at /k: of one address, and of all of them together. Other limits are allauth's own.
# Wrong codes typed at /k: past the first limits the surname is asked for too, past the last one an address waits.
ACCOUNT_RATE_LIMITS = {"short_code": "10/5m/ip,100/10m/key", "short_code_named": "60/5m/ip"}
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "ru"
TIME_ZONE = "Asia/Yekaterinburg"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644},  # nginx reads them as another user
    },
}
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# nginx hands the file out itself when it stands in front; the internal location is in deploy/nginx.conf.
FILES_ACCEL_PREFIX = "/protected-files/" if TRUSTED_PROXIES else ""

EMAIL_URL = env.str("EMAIL_URL", "")
MAIL_IS_KEPT = not EMAIL_URL  # without a mail server letters stay in the outbox and are read there
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Цифровой кабинет методиста <cabinet@localhost>")

CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A publish is only a hint: it fails at once instead of holding the request.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,  # a broker that refuses is not waited for
    }
else:
    BROKER_DIR = Path(env.str("BROKER_DIR", str(VAR_DIR / "broker")))
    for _folder in ("messages", "control"):
        (BROKER_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "wholefiles://localhost"  # cabinet/broker.py
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # broadcasts would only fill the control folder
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
# A sweep's message is worthless once the next one is out, hence `expires`.
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "core.heartbeat", "schedule": timedelta(seconds=10), "options": {"expires": 10}},
    "letters": {"task": "mail.sweep_letters", "schedule": timedelta(seconds=5), "options": {"expires": 5}},
    "jobs": {"task": "jobs.sweep_jobs", "schedule": timedelta(seconds=3), "options": {"expires": 3}},
    "due": {"task": "motor.run_due", "schedule": timedelta(seconds=30), "options": {"expires": 30}},
    "planner_due": {"task": "planner.run_due", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "mailings": {"task": "mail.write_mailings", "schedule": timedelta(seconds=30), "options": {"expires": 30}},
    "digests": {"task": "mail.write_digests", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "links": {"task": "library.check_links", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "polls_due": {"task": "polls.run_due", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "iom_due": {"task": "iom.run_due", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "rma_due": {"task": "rma.run_due", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "registry": {"task": "registry.sweep", "schedule": timedelta(seconds=2), "options": {"expires": 2}},
    "snapshot": {"task": "registry.take_snapshot", "schedule": timedelta(minutes=10), "options": {"expires": 600}},
    "pairs": {"task": "home.search_pairs", "schedule": timedelta(hours=12), "options": {"expires": 3600}},
    "previews": {"task": "files.make_previews", "schedule": timedelta(seconds=5), "options": {"expires": 5}},
    "orphans": {"task": "files.remove_orphans", "schedule": timedelta(hours=6), "options": {"expires": 3600}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SECURE_HSTS_SECONDS = 31_536_000 if SITE_URL.startswith("https://") else 0
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

MAIL_DAILY_HOUR = 7  # when letters kept for one a day are written

# Time limits of МОТОР, domain.md section 5.5: ours, to be confirmed by the institute.
MOTOR_SLICES = [3]  # months after the end of a course; 6 and 12 are possible too
MOTOR_SURVEY_DAYS = 14
MOTOR_REMINDER_DAYS = [7, 12, 15]  # after the opening
MOTOR_LETTERS_FROM_HOUR = 8  # reminders are not written at night
MOTOR_NO_RESPONSE_DAYS = 30  # after the survey's limit
MOTOR_TALK_WORKING_DAYS = 5  # to talk to who has not answered after the last reminder
MOTOR_EXTEND_DAYS = 60  # no further ahead
MOTOR_AWAY_DAYS = 60  # that a teacher may say himself; more is the methodist's pause
MOTOR_REVIEW_WORKING_DAYS = 20
MOTOR_RMA_ANSWER_WORKING_DAYS = 5
MOTOR_RMA_SEARCH_WORKING_DAYS = 10
MOTOR_RMA_REVIEW_WORKING_DAYS = 20
MOTOR_FOLLOW_UP_MONTHS = 3
MOTOR_OBJECTION_WORKING_DAYS = 10
MOTOR_POSTPONE_MONTHS = 6  # no further ahead
MOTOR_PAUSE_MONTHS = 36  # childcare leave is the longest
MOTOR_OPENINGS_PER_WEEK = 5  # of one organization
MOTOR_CASES_PER_WEEK = 5  # openings, and checklists, that one responsible person is not yet overloaded by

IOM_AGREEMENT = "methodist"  # none, methodist, head or both, where the organization has not said otherwise
IOM_AGREEMENT_WORKING_DAYS = 5  # of each approver
IOM_RETURN_WORKING_DAYS = 10  # for the author to answer a return, or to finish a new version
IOM_LETTERS_UNTIL_HOUR = 21  # reminders are not written at night
IOM_CHECK_WORKING_DAYS = 5  # to check an answer or confirm an item
IS_DEMO = env.bool("DEMO", IS_EMBEDDED)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"links": {"()": "cabinet.core.links.HideLinks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"pymorphy3": {"level": "WARNING"}},  # it tells of every dictionary it reads
}
