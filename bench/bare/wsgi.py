"""What gunicorn serves; run as a module, it makes the tables."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.bare.settings")
application = get_wsgi_application()

LINKS = 1000


def make_tables() -> None:
    from django.db import connection

    from bench.bare.models import Answer, Link

    with connection.schema_editor() as schema:
        schema.create_model(Link)
        schema.create_model(Answer)
    Link.objects.bulk_create(
        [Link(key=f"k{number}", title=f"Курс повышения квалификации {number}") for number in range(LINKS)]
    )


if __name__ == "__main__":
    make_tables()
