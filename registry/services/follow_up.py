"""«Последующая работа»: the steps of a case live among the tasks, so they are read, never copied."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Aggregate, CharField, Value
from django.db.models.functions import Concat

from cabinet.planner.models import Task
from motor.models import Case
from motor.services.follow_up import POOL, STEPS

_STATE: dict[str, str] = {Task.Status.OPEN: "в работе", Task.Status.DONE: "выполнено", Task.Status.WAIVED: "снято"}
# Step code → title and place, by variant; a step of another variant (the outcome was computed anew) is found too.
_TITLES = {variant: {step.code: step.title for step in steps} for variant, steps in STEPS.items()}
_ANY = {code: title for titles in _TITLES.values() for code, title in titles.items()} | {POOL.code: POOL.title}


class Joined(Aggregate):
    """Texts of a group joined by commas, on both engines."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="GROUP_CONCAT", **context)


def follow_up_of(variants: dict[int, int | None]) -> dict[int, str]:
    """Case id → its steps in words: «Актуализация ИОМ — в работе; …». One query for all of them.

    `variants` says the variant of each case; one that has none (yet, or again) has nothing to follow up.
    """
    tasks = (
        Task.objects.filter(
            about_type=ContentType.objects.get_for_model(Case),
            about_id__in=[case for case, variant in variants.items() if variant is not None],
            kind__startswith="motor.",
        )
        .order_by()
        .values_list("about_id")
        .annotate(steps=Joined(Concat("kind", Value(":"), "status")))
    )
    return {case: _words(steps, variants[case]) for case, steps in tasks}


@cache
def _words(steps: str, variant: int | None) -> str:
    """From «motor.v1.talk:done,motor.v1.route:open» to words; cached, for a region has a few hundred of them."""
    versions: dict[int, dict[str, str]] = {}
    for step in steps.split(","):
        kind, _, status = step.rpartition(":")
        _, version, code = kind.split(".", 2)
        versions.setdefault(int(version.removeprefix("v")), {})[code] = status
    # After a reopening only the steps of the last version count.
    states = versions[max(versions)]
    order: Sequence[str] = list(dict.fromkeys([*_TITLES.get(variant or 0, {}), *_ANY]))
    titles = _ANY | _TITLES.get(variant or 0, {})
    return "; ".join(f"{titles[code]} — {_STATE[states[code]]}" for code in order if code in states)
