from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "cabinet.home"
    label = "home"
    verbose_name = "Рабочие страницы"
    default_auto_field = "django.db.models.BigAutoField"
