from django.apps import AppConfig


class MotorConfig(AppConfig):
    name = "motor"
    label = "motor"
    verbose_name = "МОТОР"
    default_auto_field = "django.db.models.BigAutoField"
