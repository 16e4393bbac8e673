"""The codes of the roles; they know no model, so that the scope of a role can be built anywhere."""

from django.db import models


class Role(models.TextChoices):
    """The teacher's role needs no row: everybody has himself as scope."""

    HEAD = "head", "руководитель ОО"
    METHODIST = "methodist", "методист ОО"
    MENTOR = "mentor", "наставник (тьютор)"
    REGIONAL = "regional", "методист РМА"
    MUNICIPAL = "municipal", "специалист ММС"
    CURATOR = "curator", "куратор программы"
    ADMIN = "admin", "администратор ИРО ПК"
    OBSERVER = "observer", "наблюдатель"


ORGANIZATION_ROLES = (Role.HEAD, Role.METHODIST)
