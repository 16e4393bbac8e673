"""Words of tasks, so that they can be searched for, and the day a repeated one is counted from."""

from django.db import migrations, models

from cabinet.core.search import lemmas


def fill_words(apps, schema_editor):
    tasks = apps.get_model("planner", "Task")
    for pk, title, text in tasks.objects.filter(words="").values_list("pk", "title", "text").iterator():
        tasks.objects.filter(pk=pk).update(words="".join(f" {one}" for one in lemmas(f"{title} {text}")))


class Migration(migrations.Migration):
    dependencies = [("planner", "0006_words_of_events")]
    operations = [
        migrations.AddField("task", "words", models.TextField(blank=True, default="", editable=False), False),
        migrations.AddField("task", "repeats_from", models.DateField("повторяется с", blank=True, null=True)),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(
                name="task_repeats_from_a_day",
                condition=models.Q(repeats="") | models.Q(("due_on__isnull", False), ("repeats_from__isnull", False)),
            ),
        ),
        migrations.RunPython(fill_words, migrations.RunPython.noop),
    ]
