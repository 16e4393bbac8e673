from django.apps import AppConfig


class StructureConfig(AppConfig):
    name = "cabinet.structure"
    label = "structure"
    verbose_name = "Структура региона"
    default_auto_field = "django.db.models.BigAutoField"
