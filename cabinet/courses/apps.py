from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoursesConfig(AppConfig):
    name = "cabinet.courses"
    label = "courses"
    verbose_name = "Курсы и слушатели"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Higher floors have kinds of lists too; this one learns of them as the admin learns of models."""
        autodiscover_modules("lists")
