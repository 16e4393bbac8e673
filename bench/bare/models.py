"""Two tables: a link and the answers to it."""

from django.db import models


class Link(models.Model):
    key = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.key


class Answer(models.Model):
    link = models.ForeignKey(Link, models.CASCADE)
    data = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.link)
