"""The table of the shared cache, where there is one: limits on logins hold for all processes together."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    # Does nothing where no cache of the settings lives in the database.
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
