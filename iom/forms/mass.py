"""Who is in the group: the template and the search over people."""

from typing import Any

from django import forms
from django.db.models import F

from cabinet.structure.models import Subject
from cabinet.users.models import User
from cabinet.users.models.user import UserQuerySet
from iom.models import RouteTemplate, TemplateVersion


class VersionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: TemplateVersion) -> str:
        return str(obj.template.title)


class GroupForm(forms.Form):
    template = VersionField(
        label="Шаблон", queryset=TemplateVersion.objects.none(), required=False, empty_label="выберите шаблон"
    )
    q = forms.CharField(label="Фамилия, имя", required=False, max_length=100)
    subject = forms.ModelChoiceField(
        label="Предмет", queryset=Subject.objects.order_by("name"), required=False, empty_label="любой"
    )

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        seen = RouteTemplate.objects.visible_to(user).in_use().order_by().values("pk")
        versions = TemplateVersion.objects.filter(template__in=seen, number=F("template__version")).select_related(
            "template"
        )
        self.fields["template"].queryset = versions.order_by("template__title", "pk")  # type: ignore[attr-defined]

    def people(self, people: UserQuerySet) -> UserQuerySet:
        asked: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        if asked.get("subject"):
            people = people.filter(subject=asked["subject"])
        return people.search(asked["q"]) if asked.get("q") else people
