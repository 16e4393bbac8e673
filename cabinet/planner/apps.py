from django.apps import AppConfig


class PlannerConfig(AppConfig):
    name = "cabinet.planner"
    label = "planner"
    verbose_name = "Задачи"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.library.services.hooks import register_place  # noqa: PLC0415
        from cabinet.mail.texts import register  # noqa: PLC0415
        from cabinet.planner.letter_texts import KINDS  # noqa: PLC0415
        from cabinet.planner.services import of_material  # noqa: PLC0415

        register(KINDS)
        register_place("На событиях", of_material.places)
