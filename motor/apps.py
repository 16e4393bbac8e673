from django.apps import AppConfig


class MotorConfig(AppConfig):
    name = "motor"
    label = "motor"
    verbose_name = "МОТОР"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.mail.texts import register  # noqa: PLC0415
        from motor.letter_texts import KINDS  # noqa: PLC0415

        register(KINDS)
