"""Programmes (ДПП) and courses (КПК), the runs of a programme."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from cabinet.core.search import key
from cabinet.structure.models import Topic
from cabinet.users.models import User


class Programme(models.Model):
    title = models.CharField("название", max_length=500)
    title_key = models.CharField("ключ названия", max_length=500, unique=True, editable=False)
    topic = models.ForeignKey(
        Topic, models.PROTECT, verbose_name="тематика", null=True, blank=True, related_name="programmes"
    )
    in_federal_register = models.BooleanField("в Федеральном реестре", default=False)
    is_tracked = models.BooleanField("отслеживается в МОТОР", default=True)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "программа (ДПП)"
        verbose_name_plural = "программы (ДПП)"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title_key = key(self.title)
        super().save(*args, **kwargs)


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, user: User | AnonymousUser) -> "CourseQuerySet":
        """An admin sees every course, a curator his own."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        return self.filter(curator=user) if "curator" in user.roles else self.none()

    def untracked(self) -> "CourseQuerySet":
        return self.filter(Q(is_tracked=False) | Q(programme__is_tracked=False))


class Course(models.Model):
    """One run of a programme, known by its end date. The selection is for listeners still to come by a list:
    those who are there already have their own mark."""

    class Selection(models.TextChoices):
        ALL = "all", "всех слушателей"
        LISTED = "listed", "только отмеченных в списке"
        EVERY = "every", "каждого n-го"

    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name="программа", related_name="courses")
    starts_on = models.DateField("начало", null=True, blank=True)
    ends_on = models.DateField("окончание")
    curator = models.ForeignKey(
        User, models.SET_NULL, verbose_name="куратор", null=True, blank=True, related_name="curated_courses"
    )
    is_tracked = models.BooleanField("отслеживается в МОТОР", default=True)
    selection = models.CharField("кого отслеживать", max_length=6, choices=Selection, default=Selection.ALL)
    selection_step = models.PositiveSmallIntegerField("каждого какого", null=True, blank=True)
    selection_cap = models.PositiveSmallIntegerField(
        "не больше из одной организации", null=True, blank=True, help_text="Пусто — без ограничения."
    )
    updated_at = models.DateTimeField("изменено", auto_now=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = "курс (КПК)"
        verbose_name_plural = "курсы (КПК)"
        ordering = ["-ends_on", "programme"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "ends_on"], name="course_programme_end"),
            models.CheckConstraint(
                name="course_ends_after_start", condition=Q(starts_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="course_step_iff_every",
                condition=Q(selection="every", selection_step__gte=2) | ~Q(selection="every") & Q(selection_step=None),
            ),
            models.CheckConstraint(
                name="course_cap_is_positive", condition=Q(selection_cap=None) | Q(selection_cap__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} (до {self.ends_on:%d.%m.%Y})"
