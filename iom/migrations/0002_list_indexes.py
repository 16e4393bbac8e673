"""The search of routes by the beginning of a word: an index PostgreSQL can use for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("iom", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="routeword", name="route_word"),
        migrations.AddIndex(
            model_name="routeword",
            index=models.Index(
                fields=["word", "route"],
                name="route_word_begins",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
        ),
    ]
