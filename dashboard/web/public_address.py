"""The address viewers see, put into every request from the settings alone; `app` wraps the application in it.

What a front says of a request is not enough: a load balancer sets no X-Forwarded-Host, and behind CloudFront it says
X-Forwarded-Proto: http, since CloudFront comes to it by plain HTTP inside AWS's network. A client may send any of these
headers itself. So none is believed, and none is left for anyone to believe.
Source: Elastic Load Balancing, "HTTP headers and Application Load Balancers".
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

CLAIMS = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")
CLAIMING = "HTTP_X_FORWARDED_"


class PublicAddress:
    """A WSGI application behind any number of proxies, whose requests all came to `public_url` (a scheme and a host).

    The address of the one who asked stays that of whoever connected to this process.
    """

    def __init__(self, app: WsgiApp, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._app = app
        self._address = {"wsgi.url_scheme": parts.scheme, "HTTP_HOST": parts.netloc}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Hand one request on, as if it had come straight from the viewer."""
        believed = {name: value for name, value in environ.items() if not _is_claim(name)}
        return self._app(believed | self._address, start_response)


def _is_claim(name: str) -> bool:
    return name in CLAIMS or name.startswith(CLAIMING)
