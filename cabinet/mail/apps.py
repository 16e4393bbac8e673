from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "cabinet.mail"
    label = "mail"
    verbose_name = "Письма"
    default_auto_field = "django.db.models.BigAutoField"
