"""The client's address and scheme as told by our own proxy, and by nobody else."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class TrustedProxyMiddleware:
    """Take the address from X-Forwarded-For only when the connection comes from a proxy named in TRUSTED_PROXIES."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if request.META.get("REMOTE_ADDR", "") in settings.TRUSTED_PROXIES:
            if forwarded:
                # The last address is the one our proxy saw; those before it are the client's own claims.
                request.META["REMOTE_ADDR"] = forwarded.split(",")[-1].strip()
        else:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)
