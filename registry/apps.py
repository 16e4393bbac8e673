from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RegistryConfig(AppConfig):
    name = "registry"
    label = "registry"
    verbose_name = "Реестр"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The handler of ordered exports lives beside the writing of the file, above the floor of `tasks`.
        autodiscover_modules("exports")
