"""Cards that look like one and the same person or organization, and the word that they are not."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cabinet.structure.models import Organization
from cabinet.users.models.user import User


class PairQuerySet(models.QuerySet["Pair"]):
    def visible_to(self, user: User | AnonymousUser) -> "PairQuerySet":
        """Order in the data is the admin's work."""
        return self.all() if isinstance(user, User) and "admin" in user.roles else self.none()

    def undecided(self) -> "PairQuerySet":
        return self.filter(different_at=None)


class Pair(models.Model):
    """The elder card comes first. A pair nobody has decided upon lives until the next search."""

    class Reason(models.TextChoices):
        EMAIL = "email", "один адрес почты"
        NAME = "name", "ФИО совпадает полностью"
        SHORT = "short", "в одной карточке имя или отчество неполное"
        SWAPPED = "swapped", "части имени переставлены"
        SURNAME = "surname", "фамилия другая, имя и отчество те же"
        PLACE = "place", "одна организация"
        MUNICIPALITY = "municipality", "один муниципалитет"
        TITLE = "title", "то же название, записанное иначе"
        NUMBER = "number", "тот же номер и тип"

    first: models.ForeignKey
    second: models.ForeignKey
    reasons = models.CharField("что говорит за", max_length=80, help_text="Коды через запятую.")
    weight = models.PositiveSmallIntegerField("насколько похожи")
    found_at = models.DateTimeField("когда найдены", default=timezone.now)
    different_at = models.DateTimeField("признаны разными", null=True, blank=True)
    different_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто решил", null=True, blank=True, related_name="+"
    )

    objects = PairQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-weight", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="%(class)s_once"),
            models.CheckConstraint(name="%(class)s_elder_first", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first} и {self.second}"

    @property
    def reason_labels(self) -> list[str]:
        return [self.Reason(code).label for code in self.reasons.split(",") if code]


class PersonPair(Pair):
    first = models.ForeignKey(User, models.CASCADE, verbose_name="карточка", related_name="+")
    second = models.ForeignKey(User, models.CASCADE, verbose_name="похожая карточка", related_name="+")

    class Meta(Pair.Meta):
        verbose_name = "похожие люди"
        verbose_name_plural = "похожие люди"


class OrganizationPair(Pair):
    first = models.ForeignKey(Organization, models.CASCADE, verbose_name="организация", related_name="+")
    second = models.ForeignKey(Organization, models.CASCADE, verbose_name="похожая организация", related_name="+")

    class Meta(Pair.Meta):
        verbose_name = "похожие организации"
        verbose_name_plural = "похожие организации"
