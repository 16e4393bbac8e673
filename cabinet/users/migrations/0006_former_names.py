from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0005_community_members")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="former_names",
            field=models.CharField(
                blank=True, default="", help_text="Через запятую.", max_length=200, verbose_name="прежние фамилии"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="user",
            name="former_key",
            field=models.CharField(blank=True, default="", editable=False, max_length=201),
            preserve_default=False,
        ),
    ]
