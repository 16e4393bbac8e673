"""The decision table of domain.md section 5.6, and its reason in words."""

from dataclasses import dataclass

from motor.models import Checklist, Outcome


@dataclass(frozen=True)
class Decision:
    variant: Outcome.Variant
    completeness: str = ""


def decide(is_significant: bool, practice: str, other_topic_found: bool) -> Decision:
    """Variant from A (`is_significant`), B (`practice`, asked only when A) and D (`other_topic_found`)."""
    if is_significant and practice in (Checklist.Practice.FULL, Checklist.Practice.PARTIAL):
        return Decision(Outcome.Variant.ON_TOPIC, practice)
    return Decision(Outcome.Variant.OTHER_TOPIC if other_topic_found else Outcome.Variant.NONE)


def reason_in_words(checklist: Checklist, decision: Decision) -> str:
    """Why this variant, as one would tell a colleague."""
    if not checklist.is_significant:
        found = "Педагог не определил для себя значимое содержание программы"
    elif checklist.practice == Checklist.Practice.ABSENT:
        found = "Педагог определил значимое содержание программы, но в практике оно отражения не находит"
    else:
        extent = checklist.get_practice_display()
        found = f"Педагог определил значимое содержание программы, и в практике оно отражено {extent}"
    other = (
        f"выявлены изменения по другой тематике: «{checklist.other_topic}»"
        if checklist.other_topic_found
        else "изменений по другой тематике не выявлено"
    )
    whose = checklist.get_assessor_kind_display()
    return f"{found}; {other}. Поэтому вариант {decision.variant}. Основание — чек-лист ({whose})."
