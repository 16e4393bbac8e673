from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "cabinet.jobs"
    label = "jobs"
    verbose_name = "Долгие работы"
    default_auto_field = "django.db.models.BigAutoField"
