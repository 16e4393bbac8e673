from django.apps import AppConfig


class RmaConfig(AppConfig):
    name = "rma"
    label = "rma"
    verbose_name = "РМА"
    default_auto_field = "django.db.models.BigAutoField"
