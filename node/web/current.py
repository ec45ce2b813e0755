"""The parts of the node for the request at hand."""

from typing import Final

from flask import Flask, current_app

from node.runtime import Runtime

_KEY: Final = "lonja"


def attach(app: Flask, parts: Runtime) -> None:
    """Hand the node's parts to the views of `app`."""
    app.extensions[_KEY] = parts


def runtime() -> Runtime:
    """Return the node's parts."""
    parts: Runtime = current_app.extensions[_KEY]
    return parts


def absolute(path: str) -> str:
    """Return the public address of a path of this node.

    It comes from the settings, never from the Host header, which anybody can write.
    """
    return runtime().settings.base_url + path
