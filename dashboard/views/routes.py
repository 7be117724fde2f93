"""The routes of saved views, favourites and the search; called by the browser (`assets/js/views/`).

Each hands the request on to the gateway as the signed-in user; who may do what is decided there.
"""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from dashboard.auth.routes import id_token
from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.views import places


def install(app: Flask, gateway: Gateway) -> None:
    """Add the routes."""
    blueprint = Blueprint("views", __name__)

    @blueprint.get("/views")
    def views() -> Response:
        """Returns the views that the user sees, and the user's favourites."""
        return jsonify(gateway.views(id_token()))

    @blueprint.put("/views/<view_id>")
    def save_view(view_id: str) -> Response:
        """Keeps a view, and returns it."""
        return jsonify({"view": gateway.save_view(id_token(), view_id, _sent())})

    @blueprint.delete("/views/<view_id>")
    def delete_view(view_id: str) -> Response:
        """Takes a view away."""
        gateway.delete_view(id_token(), view_id)
        return Response(status=204)

    _add_favourites_and_panels(blueprint, gateway)
    app.register_blueprint(blueprint)


def _add_favourites_and_panels(blueprint: Blueprint, gateway: Gateway) -> None:
    @blueprint.get("/favourites")
    def favourites() -> Response:
        """Returns the user's favourites alone, for the stars of a page."""
        return jsonify({"favourites": gateway.favourites(id_token())})

    @blueprint.route("/favourites/<report>", methods=["PUT", "DELETE"])
    def favourite(report: str) -> Response:
        """Makes a report a favourite, or none."""
        gateway.set_favourite(id_token(), report, request.method == "PUT")
        return Response(status=204)

    @blueprint.get("/panels")
    def panels() -> Response:
        """Returns every panel that the user may see, with its address."""
        return jsonify({"panels": places.panels(gateway.reports(id_token()))})


def _sent() -> dict[str, Any]:
    """The object that was sent; raises `UserError` (400) for anything else."""
    try:
        sent = request.get_json()
    except (BadRequest, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise UserError("bad_message", "A view is an object with name, path, query and shared.", 400)
    return sent
