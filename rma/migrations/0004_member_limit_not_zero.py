from django.db import migrations, models


def give_a_place(apps, schema_editor):
    apps.get_model("rma", "Member").objects.filter(case_limit__lt=1).update(case_limit=1)


class Migration(migrations.Migration):
    dependencies = [
        ("rma", "0003_roster_requests_activity"),
    ]

    operations = [
        migrations.RunPython(give_a_place, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=models.Q(("case_limit__gte", 1)), name="member_limit_not_zero"),
        ),
    ]
