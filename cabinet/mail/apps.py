from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "cabinet.mail"
    label = "mail"
    verbose_name = "Письма"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.mail import digests  # noqa: F401, PLC0415  (its text is registered there)
