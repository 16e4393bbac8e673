"""Settings of the bare application; BENCH_DSN names its database."""

import os
from urllib.parse import urlsplit

FORM = """<!doctype html><title>{{ link.title }}</title><form method=post>{% csrf_token %}
{% for question in questions %}<fieldset><legend>{{ question }}</legend>
{% for answer in answers %}<label><input type=radio name=q{{ forloop.parentloop.counter }} value={{ answer }}>
{{ answer }}</label>{% endfor %}</fieldset>{% endfor %}<textarea name=t></textarea><button>ok</button></form>"""
PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"

DEBUG = False
SECRET_KEY = "bench-only"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.bare.pages"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "bench.bare"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_dsn = urlsplit(os.environ["BENCH_DSN"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _dsn.hostname,
        "PORT": _dsn.port or 5432,
        "NAME": _dsn.path[1:],
        "USER": _dsn.username or "",
        "PASSWORD": _dsn.password or "",
        "CONN_MAX_AGE": 60,
    }
}
_memory = ("django.template.loaders.locmem.Loader", {"form.html": FORM, "page.html": PAGE})
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.csrf"],
            "loaders": [("django.template.loaders.cached.Loader", [_memory])],
        },
    }
]
