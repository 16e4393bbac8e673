"""Educational organizations and the other names they are known by."""

from typing import Any

from django.db import models

from cabinet.core.search import key
from cabinet.structure.models.territory import Municipality


class Organization(models.Model):
    """Not only schools: kindergartens, colleges, centres of extra education too."""

    class Kind(models.TextChoices):
        SCHOOL = "school", "общеобразовательная организация"
        KINDERGARTEN = "kindergarten", "дошкольная организация"
        EXTRA = "extra", "организация дополнительного образования"
        COLLEGE = "college", "профессиональная организация"
        SPECIAL = "special", "специальная (коррекционная) организация"
        OTHER = "other", "другая организация"

    name = models.CharField("название", max_length=300)
    name_key = models.CharField("ключ названия", max_length=300, editable=False)
    kind = models.CharField("тип ОО", max_length=14, choices=Kind, default=Kind.SCHOOL)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name="муниципалитет", related_name="organizations"
    )
    low_results = models.BooleanField("ШНОР", default=False, help_text="Школа с низкими образовательными результатами.")
    is_active = models.BooleanField("действует", default=True)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "образовательная организация"
        verbose_name_plural = "образовательные организации"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["municipality", "name_key"], name="organization_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = key(self.name)
        super().save(*args, **kwargs)


class OrganizationAlias(models.Model):
    """Another name of the organization, remembered from an import."""

    organization = models.ForeignKey(Organization, models.CASCADE, verbose_name="организация", related_name="aliases")
    municipality = models.ForeignKey(Municipality, models.CASCADE, verbose_name="муниципалитет", related_name="+")
    name = models.CharField("название", max_length=300)
    name_key = models.CharField("ключ названия", max_length=300, editable=False)

    class Meta:
        verbose_name = "другое название организации"
        verbose_name_plural = "другие названия организаций"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["municipality", "name_key"], name="alias_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = key(self.name)
        super().save(*args, **kwargs)
