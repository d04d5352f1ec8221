"""Whether a request really comes from this machine (CONTRACT 3)."""

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
    """The simulator has no token: it lets in this machine only, unless `simulator.public` says otherwise."""

    def __init__(self, public: bool) -> None:
        self._public = public

    def process_resource(self, req: falcon.Request, resp: falcon.Response, resource: object, params: dict[str, str]) -> None:
        inside = req.path.lstrip("/").startswith("simulator")  # the router does not mind several slashes
        if inside and not self._public and not is_loopback(req):
            raise Forbidden("The simulator answers to this machine only.")
