"""A letter seen as its reader sees it stands in a frame of our page, apart from everything of ours."""

from collections.abc import Callable
from typing import cast

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

View = Callable[..., HttpResponse]
# Its styles are in the tags, as mail programs want them; nothing but these styles works in it.
POLICY = {"default-src": [NONE], "style-src": ["'unsafe-inline'"], "frame-ancestors": [SELF], "base-uri": [NONE]}


def seen_alone(view: View) -> View:
    return cast(View, xframe_options_sameorigin(csp_replace(POLICY)(view)))
