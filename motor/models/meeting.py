"""Meetings around cases: a planned visit to a lesson, a consultation of a group. One may serve several cases."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from cabinet.users.models import User
from motor.models.case import Case
from motor.models.checklist import Study
from rma.models import Member


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: User | AnonymousUser) -> "VisitQuerySet":
        """Own plan, and the visits to cases one may read."""
        if not isinstance(user, User):
            return self.none()
        # A subquery, not a join: a visit serving three cases is one visit.
        served = Visit.cases.through.objects.filter(case__in=Case.objects.visible_to(user).values("pk"))
        return self.filter(models.Q(visitor=user) | models.Q(pk__in=served.values("visit")))

    def changeable_by(self, user: User | AnonymousUser) -> "VisitQuerySet":
        return self.filter(visitor=user.pk) if isinstance(user, User) else self.none()

    def ahead(self) -> "VisitQuerySet":
        return self.filter(is_cancelled=False)


class Visit(models.Model):
    """A line of the methodist's plan of visits."""

    visitor = models.ForeignKey(User, models.PROTECT, verbose_name="кто посещает", related_name="+")
    cases = models.ManyToManyField(Case, verbose_name="карты", related_name="visits")
    kind = models.CharField("что", max_length=10, choices=Study.Kind, default=Study.Kind.LESSON)
    on = models.DateField("когда")
    starts_at = models.TimeField("начало", null=True, blank=True)
    place = models.CharField("класс, кабинет, урок", max_length=200, blank=True)
    note = models.CharField("заметка", max_length=300, blank=True)
    is_cancelled = models.BooleanField("отменено", default=False)
    created_at = models.DateTimeField("добавлено", default=timezone.now, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "посещение"
        verbose_name_plural = "план посещений"
        ordering = ["on", "starts_at", "pk"]
        indexes = [models.Index(fields=["visitor", "on"], name="visit_plan")]

    def __str__(self) -> str:
        return f"{self.on:%d.%m.%Y} — {self.get_kind_display()}"


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def visible_to(self, user: User | AnonymousUser) -> "ConsultationQuerySet":
        """Those one wrote down or led, and those of cases one may read."""
        if not isinstance(user, User):
            return self.none()
        of_cases = Consultation.cases.through.objects.filter(case__in=Case.objects.visible_to(user).values("pk"))
        return self.filter(
            models.Q(author=user) | models.Q(member__user=user) | models.Q(pk__in=of_cases.values("consultation"))
        )


class Consultation(models.Model):
    """A group consultation held: it ends the step «работа с методистом РМА / наставником» of every case in it."""

    on = models.DateField("когда")
    topic = models.CharField("о чём", max_length=300)
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="методист РМА", null=True, blank=True, related_name="+"
    )
    leader = models.CharField("кто проводил", max_length=200, blank=True, help_text="Наставник, тьютор, методист.")
    note = models.TextField("к чему пришли", blank=True)
    cases = models.ManyToManyField(Case, verbose_name="карты", related_name="consultations")
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто записал", related_name="+")
    created_at = models.DateTimeField("записана", default=timezone.now, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "групповая консультация"
        verbose_name_plural = "групповые консультации"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="consultation_has_leader",
                condition=models.Q(member__isnull=False) | ~models.Q(leader=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on:%d.%m.%Y} — {self.topic}"
