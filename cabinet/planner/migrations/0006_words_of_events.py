"""Events put in before they could be searched for: their words."""

from django.db import migrations

from cabinet.core.search import lemmas


def fill_words(apps, schema_editor):
    for event in apps.get_model("planner", "Event").objects.filter(words="").iterator():
        event.words = "".join(f" {one}" for one in lemmas(" ".join((event.title, event.text, event.place))))
        event.save(update_fields=["words"])


class Migration(migrations.Migration):
    dependencies = [("planner", "0005_calendar_and_tasks")]
    operations = [migrations.RunPython(fill_words, migrations.RunPython.noop)]
