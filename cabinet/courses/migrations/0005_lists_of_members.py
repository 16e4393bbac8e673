from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0004_selection")]

    operations = [
        migrations.AlterField(
            model_name="importbatch",
            name="kind",
            field=models.CharField(
                choices=[
                    ("completions", "слушатели"),
                    ("staff", "организации и ответственные"),
                    ("members", "методисты РМА"),
                ],
                default="completions",
                max_length=12,
                verbose_name="вид",
            ),
        ),
    ]
