from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='material',
            name='link_failures',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
