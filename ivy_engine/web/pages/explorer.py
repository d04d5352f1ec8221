"""`/docs`: the API explorer. Its machinery comes from an installed package, nothing from the network."""

from importlib.util import find_spec
from pathlib import Path

import falcon
from jinja2 import Environment, PackageLoader, select_autoescape

from ivy_engine import __version__
from ivy_engine.engine import Ivy

# The package is a Flask extension, of which only the files are used: finding it does not import it.
_CARRIER = "flask_swagger_ui"
# Swagger UI writes style attributes
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class ExplorerPage:
    """Every route with its models and examples, and a form to try it."""

    def __init__(self, ivy: Ivy) -> None:
        environment = Environment(loader=PackageLoader("ivy_engine.web.pages"), autoescape=select_autoescape())
        template = environment.get_template("explorer.html")
        self._text = template.render(version=__version__, simulator=ivy.settings.simulator_mounted)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.set_header("Content-Security-Policy", _POLICY)
        resp.text = self._text


def machinery() -> Path:
    """The folder with Swagger UI's files."""
    found = find_spec(_CARRIER)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"the package {_CARRIER} is not installed")
    return Path(found.submodule_search_locations[0]) / "dist"
