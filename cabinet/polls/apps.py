from django.apps import AppConfig


class PollsConfig(AppConfig):
    name = "cabinet.polls"
    label = "polls"
    verbose_name = "Опросы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.mail.texts import register  # noqa: PLC0415
        from cabinet.polls.letter_texts import KINDS  # noqa: PLC0415

        register(KINDS)
