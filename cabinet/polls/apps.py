from django.apps import AppConfig


class PollsConfig(AppConfig):
    name = "cabinet.polls"
    label = "polls"
    verbose_name = "Опросы"
    default_auto_field = "django.db.models.BigAutoField"
