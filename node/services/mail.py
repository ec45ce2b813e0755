"""Sending a mail through the mail server of the settings."""

import os
import smtplib
import ssl
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from node.services.errors import ServiceError
from node.settings import Settings

_SECONDS: Final = 20
_USER: Final = "LONJA_SMTP_USER"
_PASSWORD: Final = "LONJA_SMTP_PASSWORD"  # noqa: S105  # the name of a variable


def new_mail(settings: Settings, to: str, subject: str) -> EmailMessage:
    """Return a mail from this node without its text; the subject is made one line."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(subject.split())
    mail["From"] = settings.notify_from or f"lonja@{urlsplit(settings.base_url).hostname}"
    mail["To"] = to
    return mail


def send_mail(settings: Settings, mail: EmailMessage) -> None:
    """Hand a mail to the mail server.

    Raises:
        ServiceError: no mail server is set.
        OSError: it cannot be reached.
        smtplib.SMTPException: it refuses the mail.
    """
    if not settings.smtp:
        raise ServiceError('no mail server is set: smtp = "mail.example.org:587" in lonja.toml')
    host, _, port = settings.smtp.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=_SECONDS) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        user, password = os.environ.get(_USER, ""), os.environ.get(_PASSWORD, "")
        if user:
            server.login(user, password)
        server.send_message(mail)
