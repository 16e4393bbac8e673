"""Dictionaries shared by all parts: subjects, positions, topics."""

from django.db import models


class Subject(models.Model):
    name = models.CharField("название", max_length=160, unique=True)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "предмет"
        verbose_name_plural = "предметы"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    name = models.CharField("название", max_length=160, unique=True)
    is_head = models.BooleanField(
        "руководящая", default=False, help_text="Опросный лист и чек-лист говорят «руководитель», а не «педагог»."
    )
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "должность"
        verbose_name_plural = "должности"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    name = models.CharField("название", max_length=200, unique=True)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "тематика"
        verbose_name_plural = "тематики"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
