from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RmaConfig(AppConfig):
    name = "rma"
    label = "rma"
    verbose_name = "РМА"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.mail.texts import register  # noqa: PLC0415
        from rma.letter_texts import KINDS  # noqa: PLC0415

        register(KINDS)
        # What requests do in the apps above.
        autodiscover_modules("origins")
