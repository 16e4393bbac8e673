from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "cabinet.home"
    label = "home"
    verbose_name = "Рабочие страницы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.home.letter_texts import KINDS  # noqa: PLC0415
        from cabinet.mail.texts import register  # noqa: PLC0415

        register(KINDS)
