from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "cabinet.core"
    label = "core"
    verbose_name = "Календарь и основа"
    default_auto_field = "django.db.models.BigAutoField"
