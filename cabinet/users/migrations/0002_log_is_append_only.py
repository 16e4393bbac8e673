"""PostgreSQL itself refuses to change or delete lines of the log, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION users_logentry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log is append-only.';
END;
$$;
CREATE TRIGGER users_logentry_append_only BEFORE UPDATE OR DELETE ON users_logentry
    FOR EACH ROW EXECUTE FUNCTION users_logentry_refuse();
"""
BACKWARD = """
DROP TRIGGER IF EXISTS users_logentry_append_only ON users_logentry;
DROP FUNCTION IF EXISTS users_logentry_refuse();
"""


def forward(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORWARD, params=None)


def backward(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BACKWARD, params=None)


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]
    operations = [migrations.RunPython(forward, backward, elidable=False)]
