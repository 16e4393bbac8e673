from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0006_choices_wording"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mailing",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Черновик"),
                    ("ordered", "Пишем письма"),
                    ("written", "Письма написаны"),
                    ("stopped", "Остановлена"),
                ],
                default="draft",
                max_length=8,
                verbose_name="состояние",
            ),
        ),
    ]
