"""One organisation's running node: settings, services, web pages, command line, worker."""

__version__ = "0.1.0"
