from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "cabinet.library"
    label = "library"
    verbose_name = "Библиотека"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.library.letter_texts import KINDS  # noqa: PLC0415
        from cabinet.mail.texts import register  # noqa: PLC0415

        register(KINDS)
