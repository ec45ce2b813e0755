"""Pages, feed and API of a node over HTTP: parse a request, call one service, render."""
