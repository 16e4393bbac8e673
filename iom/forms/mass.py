"""Who is in the group: the template and the search over people."""

from typing import Any

from django import forms

from cabinet.core.search import key
from cabinet.structure.models import Subject
from cabinet.users.models import User, UserQuerySet
from iom.models import RouteTemplate, TemplateVersion


class GroupForm(forms.Form):
    template = forms.ModelChoiceField(
        label="Шаблон", queryset=RouteTemplate.objects.none(), required=False, empty_label="выберите шаблон"
    )
    q = forms.CharField(label="Фамилия, имя", required=False, max_length=100)
    subject = forms.ModelChoiceField(
        label="Предмет", queryset=Subject.objects.order_by("name"), required=False, empty_label="любой"
    )
    school = forms.CharField(label="Организация", required=False, max_length=200)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        templates = RouteTemplate.objects.visible_to(user).in_use().order_by("title", "pk")
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        places = {one.organization_id for one in user.active_memberships if one.role == "methodist"}
        if "admin" not in user.roles and len(places) < 2:
            self.fields.pop("school")
        self.is_valid()
        self.asked: dict[str, Any] = self.cleaned_data  # what is wrong is not there

    @property
    def version(self) -> TemplateVersion | None:
        """The newest of the chosen template."""
        chosen = self.asked.get("template")
        return chosen.versions.select_related("template").first() if chosen else None

    def people(self, people: UserQuerySet) -> UserQuerySet:
        if self.asked.get("subject"):
            people = people.filter(subject=self.asked["subject"])
        if self.asked.get("school"):
            people = people.filter(organization__name_key__contains=key(self.asked["school"]))
        return people.search(self.asked["q"]) if self.asked.get("q") else people
