from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "cabinet.home"
    label = "home"
    verbose_name = "Рабочие страницы"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are loaded only by now.
        from cabinet.home import letter_texts, letter_texts_communities  # noqa: PLC0415
        from cabinet.mail.texts import register  # noqa: PLC0415

        register(letter_texts.KINDS)
        register(letter_texts_communities.KINDS)
