"""How states look: a tone and an icon for every code, so that the same state looks the same on every page."""

from typing import Literal, NamedTuple

Tone = Literal["calm", "info", "warn", "ok", "bad", "accent", "primary"]


class Look(NamedTuple):
    """`icon` is a name from bootstrap-icons."""

    tone: Tone
    icon: str


PLAIN = Look("calm", "circle")

# Codes of different models that coincide («done», «open») mean the same to a reader.
LOOKS: dict[str, Look] = {
    # МОТОР
    "scheduled": Look("calm", "calendar3"),
    "survey_open": Look("info", "pencil-square"),
    "school_review": Look("info", "clipboard-check"),
    "rma_requested": Look("warn", "send"),
    "rma_review": Look("info", "people"),
    "follow_up": Look("primary", "signpost-2"),
    "closed": Look("ok", "check-circle-fill"),
    "no_response": Look("warn", "envelope-slash"),
    "stopped": Look("calm", "slash-circle"),
    # ИОМ: routes, items, assignments
    "draft": Look("calm", "pencil"),
    "in_review": Look("warn", "hourglass-split"),
    "returned": Look("warn", "arrow-return-left"),
    "agreed": Look("ok", "check-lg"),
    "revision": Look("primary", "arrow-repeat"),
    "completed": Look("ok", "check-circle-fill"),
    "archived": Look("calm", "archive"),
    "planned": Look("calm", "circle"),
    "in_progress": Look("info", "play-circle"),
    "submitted": Look("warn", "hourglass-split"),
    "confirmed": Look("ok", "check-circle-fill"),
    "removed": Look("calm", "slash-circle"),
    "given": Look("info", "pencil-square"),
    "published": Look("ok", "check-circle-fill"),
    # Events: who comes
    "invited": Look("info", "envelope"),
    "coming": Look("ok", "check-lg"),
    "waiting": Look("warn", "hourglass-split"),
    # Tasks
    "open": Look("info", "circle"),
    "done": Look("ok", "check-circle-fill"),
    "waived": Look("calm", "slash-circle"),
    # Requests to РМА
    "wanted": Look("info", "search"),
    "sent": Look("warn", "hourglass-split"),
    "proposed": Look("warn", "calendar-event"),
    "accepted": Look("ok", "check-lg"),
    "declined": Look("calm", "x-lg"),
    "handed": Look("calm", "arrow-right"),
    "withdrawn": Look("calm", "slash-circle"),
    # Members of РМА and their work
    "offered": Look("info", "journal-plus"),
    "dismissed": Look("calm", "slash-circle"),
    "candidate": Look("info", "person-plus"),
    "active": Look("ok", "person-check"),
    "suspended": Look("warn", "pause-circle"),
    "excluded": Look("calm", "slash-circle"),
    # Letters and long work
    "owed": Look("info", "hourglass-split"),
    "running": Look("info", "arrow-repeat"),
    "failed": Look("bad", "exclamation-triangle-fill"),
    "kept": Look("calm", "inbox"),
    "no_address": Look("warn", "envelope-slash"),
    "cancelled": Look("calm", "slash-circle"),
    # Outcomes of МОТОР by variant
    "variant_1": Look("calm", "1-circle"),
    "variant_2": Look("warn", "2-circle"),
    "variant_3": Look("ok", "3-circle"),
    # Said about anything
    "overdue": Look("bad", "clock-history"),
    "unassigned": Look("warn", "person-x"),
    "low_results": Look("accent", "flag"),
}


def look(code: str) -> Look:
    """An unknown code is no error: it looks plain until it gets a line above."""
    return LOOKS.get(code, PLAIN)
