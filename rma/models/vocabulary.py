"""The dictionaries of РМА: in what role a member works, what functions he carries out, which directions come first."""

from django.db import models


class Word(models.Model):
    """`code` is what the program calls it, `name` the source's exact wording, `short` fits a column."""

    code = models.SlugField("код", max_length=20, unique=True)
    name = models.CharField("название", max_length=500)
    short = models.CharField("коротко", max_length=80)
    order = models.PositiveSmallIntegerField("порядок", default=0)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.short


class MemberRole(Word):
    class Meta(Word.Meta):
        verbose_name = "роль методиста РМА"
        verbose_name_plural = "роли методистов РМА"


class Function(Word):
    class Meta(Word.Meta):
        verbose_name = "функция РМА"
        verbose_name_plural = "функции РМА"


class Direction(Word):
    """`source_share` is the institute's own figure, in percent; of what it is a share the source does not say."""

    source_share = models.PositiveSmallIntegerField("доля в источнике, %", null=True, blank=True)

    class Meta(Word.Meta):
        verbose_name = "приоритетное направление РМА"
        verbose_name_plural = "приоритетные направления РМА"
