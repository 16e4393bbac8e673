"""What happened to a personal link: issued, handed over, opened, asked for anew; and the short code of a slip."""

from django.db import models
from django.utils import timezone

from cabinet.users.models import User
from motor.models.case import Case


class LinkEvent(models.Model):
    """One line of the link's card; only «передана», noted by mistake, may be taken back by its author that day."""

    class Kind(models.TextChoices):
        OPENED = "opened", "открыта"
        HANDED = "handed", "передана"
        REISSUED = "reissued", "выдана заново"
        EXTENDED = "extended", "срок продлён"
        ASKED_NEW = "asked_new", "педагог попросил новую"
        REMIND_ON = "remind_on", "педагог попросил напомнить"
        AWAY = "away", "педагог в отпуске"

    class Way(models.TextChoices):
        """How a link reached the teacher past the mail."""

        SLIP = "slip", "листком"
        SFERUM = "sferum", "в Сферуме"
        MAX = "max", "в MAX"
        VK = "vk", "во ВКонтакте"
        SMS = "sms", "по СМС"
        PERSON = "person", "лично"

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="link_events")
    kind = models.CharField("что произошло", max_length=10, choices=Kind)
    way = models.CharField("каким путём", max_length=8, choices=Way, blank=True)
    at = models.DateTimeField("когда", default=timezone.now)
    actor = models.ForeignKey(User, models.PROTECT, verbose_name="кто", null=True, related_name="+")
    note = models.CharField("пояснение", max_length=300, blank=True)

    class Meta:
        verbose_name = "событие ссылки"
        verbose_name_plural = "события ссылок"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_way_display()}".strip()


class ShortCode(models.Model):
    """The code of a printed slip, kept as a digest only: the database alone gives nobody a code."""

    case = models.OneToOneField(Case, models.CASCADE, verbose_name="карта", related_name="short_code")
    # With the link's version and the pepper these two give the code; the salt tells two equal ones apart.
    salt = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=22, unique=True)
    created_at = models.DateTimeField("выдан", default=timezone.now)

    class Meta:
        verbose_name = "короткий код"
        verbose_name_plural = "короткие коды"

    def __str__(self) -> str:
        return f"Код к карте № {self.case_id}"
