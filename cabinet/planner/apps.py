from django.apps import AppConfig


class PlannerConfig(AppConfig):
    name = "cabinet.planner"
    label = "planner"
    verbose_name = "Задачи"
    default_auto_field = "django.db.models.BigAutoField"
