"""Whether a request really comes from this machine (CONTRACT 3)."""

from collections.abc import Container
from ipaddress import ip_address

import falcon

from ivy_engine.domain.errors import Forbidden

_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


def is_loopback(req: falcon.Request) -> bool:
    """The peer is loopback, the Host says so too, and no proxy has passed the request on."""
    try:
        near, host = ip_address(req.remote_addr or "").is_loopback, req.host.lower()
    except ValueError:  # an address or a Host that is none
        return False
    passed_on = any(name == "FORWARDED" or name.startswith("X-FORWARDED-") for name in req.headers)
    return near and host in _HOSTS and not passed_on


class SimulatorDoor:
    """The simulator has no token: it lets in this machine only, unless `simulator.public` says otherwise; and no page of a
    web site that may not call us, which could move the clock without reading the answer."""

    def __init__(self, public: bool, origins: Container[str]) -> None:
        self._public = public
        self._origins = origins

    def process_resource(self, req: falcon.Request, resp: falcon.Response, resource: object, params: dict[str, str]) -> None:
        inside = req.path.lstrip("/").startswith("simulator")  # the router does not mind several slashes
        if inside and not self._public and not is_loopback(req):
            raise Forbidden("The simulator answers to this machine only.")
        origin = req.get_header("Origin")
        if inside and origin is not None and origin not in self._origins:
            raise Forbidden("The simulator does not answer to this web site.")
