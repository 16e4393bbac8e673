from django.apps import AppConfig


class PlannerConfig(AppConfig):
    name = "cabinet.planner"
    label = "planner"
    verbose_name = "Задачи"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.mail.texts import register  # noqa: PLC0415
        from cabinet.planner.letter_texts import KINDS  # noqa: PLC0415

        register(KINDS)
