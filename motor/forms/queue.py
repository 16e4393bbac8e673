"""What of the queue is wanted, kept in the address, and where in it one is."""

from django import forms
from django.http import QueryDict

from cabinet.users.models import User
from motor.services.queue import SKIPPED_KEPT, Choice, programmes_of

LATE = [("", "любой"), ("yes", "уже прошёл")]
ORDERS = [("", "по программам"), ("due", "сначала срочные")]


class QueueForm(forms.Form):
    """With a `user` it offers the programmes of that person's own queue and of nobody else's."""

    q = forms.CharField(label="ФИО", max_length=100, required=False)
    programme = forms.IntegerField(label="Программа", required=False)
    late = forms.ChoiceField(label="Срок", choices=LATE, required=False)
    order = forms.ChoiceField(label="Порядок", choices=ORDERS, required=False)

    def __init__(self, data: QueryDict, user: User | None = None) -> None:
        super().__init__(data)
        if user is not None:
            self.fields["programme"].widget = forms.Select(choices=[("", "все"), *programmes_of(user)])

    @property
    def choice(self) -> Choice:
        """A value nobody offered counts as none."""
        self.is_valid()
        data = self.cleaned_data
        return Choice(
            words=data.get("q", ""),
            programme=data.get("programme"),
            late=data.get("late") == "yes",
            by_due=data.get("order") == "due",
        )


class Step:
    """The run through the queue as the address tells it: the choice, `of` how many, which were put off."""

    CHOICE = ("q", "programme", "late", "order")

    def __init__(self, query: QueryDict) -> None:
        self.choice = QueueForm(query).choice
        self.is_run = "of" in query
        self.total = _number(query.get("of", ""))
        self.skipped = [_number(one) for one in query.get("skip", "").split(".")[:SKIPPED_KEPT] if _number(one)]
        self._kept = {name: str(query[name]) for name in self.CHOICE if query.get(name)}

    def address(self, *, total: int = 0, skipped: tuple[int, ...] = (), done: bool = False) -> str:
        """`?programme=5&of=30&skip=7.9` with what this step keeps."""
        query = QueryDict(mutable=True)
        query.update(self._kept)
        if total:
            query["of"] = str(total)
        if skipped:
            query["skip"] = ".".join(map(str, skipped))
        if done:
            query["done"] = "1"
        return f"?{query.urlencode()}" if query else ""


def _number(text: str) -> int:
    """Typed by anybody into the address: a sane number or nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
