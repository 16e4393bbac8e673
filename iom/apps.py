from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IomConfig(AppConfig):
    name = "iom"
    label = "iom"
    verbose_name = "ИОМ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.mail.texts import register  # noqa: PLC0415
        from iom.letter_texts import KINDS  # noqa: PLC0415

        register(KINDS)
        autodiscover_modules("exports")  # the handler of ordered exports
