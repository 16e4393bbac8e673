from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "cabinet.users"
    label = "users"
    verbose_name = "Пользователи и роли"
    default_auto_field = "django.db.models.BigAutoField"
