from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "cabinet.courses"
    label = "courses"
    verbose_name = "Курсы и слушатели"
    default_auto_field = "django.db.models.BigAutoField"
