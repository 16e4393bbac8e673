"""Short codes of printed slips: made for many at once, found by what a teacher typed."""

from collections.abc import Iterable

from cabinet.core.links import code_digest, make_code, read_code
from cabinet.core.search import key
from motor.models import Case, ShortCode, Status

OVER = (Status.CLOSED, Status.STOPPED)  # here a code ends; the link goes on showing what became of it
SALTS = 20  # two equal codes among 10,000 are as rare as one in 4,000; nobody needs the third salt


def codes_for(cases: Iterable[Case]) -> dict[int, str]:
    """{case's pk: code}, made where there is none yet; the same few statements for one case and for three hundred."""
    wanted = {case.pk: case for case in cases}
    codes = _kept(wanted, drop_stale=True)
    for salt in range(SALTS):
        missing = [case for pk, case in wanted.items() if pk not in codes]
        if not missing:
            return codes
        # A colleague who makes the same codes now loses nothing; an equal code of another case leaves a gap for
        # the next salt.
        ShortCode.objects.bulk_create(
            (ShortCode(case=case, salt=salt, digest=code_digest(_code(case, salt))) for case in missing),
            ignore_conflicts=True,
        )
        codes |= _kept({case.pk: case for case in missing})
    raise RuntimeError("no salt gives a free code")


def printed_codes(cases: Iterable[Case]) -> dict[int, str]:
    """{case's pk: code} of those that have one that works; makes nothing."""
    return _kept({case.pk: case for case in cases})


def case_by_code(typed: str, last_name: str | None = None) -> Case | None:
    """The case of a working code, and of this teacher when a surname is given.

    Right or wrong, the work is the same: one digest and one look by it. A code ends with its case: so few of them
    work at a time, whatever the years have printed.
    """
    code = read_code(typed)
    row = ShortCode.objects.select_related("case__person").filter(digest=code_digest(code)).first()
    # A link issued anew takes its code along, even if the row was left behind.
    if row is None or _code(row.case, row.salt) != code or row.case.status in OVER:
        return None
    return row.case if last_name is None or _is_surname(row.case, last_name) else None


def _is_surname(case: Case, typed: str) -> bool:
    """«иванова», «Иванова А. П.»; ё as е, with or without a hyphen."""
    return f"{key(typed)} ".startswith(f"{key(case.person.last_name)} ")


def _code(case: Case, salt: int) -> str:
    return make_code(case.public_id, case.link_version, salt)


def _kept(cases: dict[int, Case], *, drop_stale: bool = False) -> dict[int, str]:
    codes, stale = {}, []
    for row in ShortCode.objects.filter(case__in=list(cases)):
        code = _code(cases[row.case_id], row.salt)
        if code_digest(code) == row.digest:
            codes[row.case_id] = code
        else:
            stale.append(row.pk)
    if stale and drop_stale:
        ShortCode.objects.filter(pk__in=stale).delete()
    return codes
