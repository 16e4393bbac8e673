"""The region's territories and municipalities."""

from django.db import models


class Territory(models.Model):
    name = models.CharField("название", max_length=80, unique=True)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "территория"
        verbose_name_plural = "территории"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """Unique by name and kind: «Пермский» is both an urban and a municipal district."""

    class Kind(models.TextChoices):
        MUNICIPAL = "municipal", "муниципальный округ"
        URBAN = "urban", "городской округ"
        CLOSED = "closed", "ЗАТО"

    name = models.CharField("название", max_length=80)
    kind = models.CharField("вид", max_length=10, choices=Kind)
    territory = models.ForeignKey(
        Territory,
        models.SET_NULL,
        verbose_name="территория",
        null=True,
        blank=True,
        related_name="municipalities",
        help_text="Пусто — «Территория не указана».",
    )
    territory_hint = models.CharField(
        "предположение о территории", max_length=160, blank=True, help_text="Подсказка, которую нужно подтвердить."
    )
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "муниципальное образование"
        verbose_name_plural = "муниципальные образования"
        ordering = ["name", "kind"]
        constraints = [models.UniqueConstraint(fields=["name", "kind"], name="municipality_name_kind")]

    def __str__(self) -> str:
        if self.kind == self.Kind.CLOSED:
            return f"ЗАТО {self.name}"
        return f"{self.name} {self.get_kind_display()}"
