"""Where on this node a record is shown: own ones at their own path, others under /at/."""

from urllib.parse import quote, urlsplit

_KEPT = "/~-._:@!$&'()*+,;="


def page_path(uri: str, base: str) -> str:
    """Return the path of a record's page below the node's base address.

    A record of this node lives at its own path; one of `https://lugo.example` is shown at
    `/at/lugo.example/…`.

    Args:
        uri: record URI.
        base: public address of this node, without a trailing slash.
    """
    if uri.startswith(base + "/"):
        return quote(uri[len(base) :], safe=_KEPT)
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "/at/" + quote(uri, safe=_KEPT)
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    return quote(f"/at/{parts.netloc}{rest}", safe=_KEPT)


def foreign_uris(authority: str, path: str) -> tuple[str, str]:
    """Return the record URIs that a page under /at/ may stand for: by https, else by http."""
    return f"https://{authority}/{path}", f"http://{authority}/{path}"
