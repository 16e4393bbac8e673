"""«Последующая работа»: the steps of a case live among the tasks, so they are read, never copied."""

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.contenttypes.models import ContentType

from cabinet.planner.models import Task
from motor.models import Case

_STATE = {Task.Status.OPEN: "в работе", Task.Status.DONE: "выполнено", Task.Status.WAIVED: "снято"}


def follow_up_of(pks: Sequence[int]) -> dict[int, str]:
    """Case id → its steps in words: «Актуализация ИОМ — в работе; …». One query for all of them."""
    tasks = (
        Task.objects.filter(
            about_type=ContentType.objects.get_for_model(Case), about_id__in=pks, kind__startswith="motor."
        )
        .order_by("about_id", "-is_required", "pk")
        .values_list("about_id", "kind", "title", "status")
    )
    # kind is «motor.v<version>.<step>»; after a reopening only the steps of the last version count.
    steps: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for case, kind, title, status in tasks:
        version = kind.split(".")[1].removeprefix("v")
        # A task names the person after a dash; the line does so already.
        words = f"{title.rsplit(' — ', 1)[0]} — {_STATE[status]}"
        steps[case][int(version) if version.isdecimal() else 0].append(words)
    return {case: "; ".join(versions[max(versions)]) for case, versions in steps.items()}
