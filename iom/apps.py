from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IomConfig(AppConfig):
    name = "iom"
    label = "iom"
    verbose_name = "ИОМ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.library.services import hooks  # noqa: PLC0415
        from cabinet.mail.texts import register  # noqa: PLC0415
        from iom.letter_texts import KINDS  # noqa: PLC0415
        from iom.services import library  # noqa: PLC0415

        register(KINDS)
        hooks.register_usage("routes", "маршруте,маршрутах,маршрутах", library.usage)
        hooks.register_matching(library.matching_of)
        hooks.register_action(library.actions)
        hooks.register_place("Ваши маршруты", library.places)
        autodiscover_modules("exports")  # the handler of ordered exports
