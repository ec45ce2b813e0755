"""Followed searches with real processes: worker, mail server, webhook, command, browser."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_string, policy
from pathlib import Path

import pytest

from federation.journal.store import open_store
from node.local.alerts import Alerts
from tests.nodes import ROOT, Node, practice
from tests.sinks import Sink, mail_sink, webhook_sink

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]


@pytest.fixture
def mail() -> Iterator[Sink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def webhook() -> Iterator[Sink]:
    with webhook_sink() as sink:
        yield sink


@pytest.fixture
def node(nodes: Make, mail: Sink, webhook: Sink) -> Node:
    (made,) = nodes("town")
    made.allow.append(webhook.address)
    settings = made.data / "lonja.toml"
    settings.write_text(settings.read_text("utf-8") + f'smtp = "{mail.address}"\n', "utf-8")
    return made


@contextmanager
def book(node: Node) -> Iterator[Alerts]:
    """Open the table beside the running node, as another process would."""
    store = open_store(node.data / "journal.sqlite3", lock=node.data / "write.lock")
    try:
        yield Alerts(store, lambda: datetime.now(UTC))
    finally:
        store.close()


def make_due(node: Node) -> None:
    """Let the hour of every followed search come."""
    with book(node) as alerts:
        for one in alerts.list():
            assert alerts.make_due(one.id)


def wait_until_handled(node: Node) -> None:
    """Return once a worker has looked at every search that was due."""
    until = time.monotonic() + 60
    with book(node) as alerts:
        while any(a.next_at is None or a.next_at <= datetime.now(UTC) for a in alerts.list()):
            assert time.monotonic() < until, alerts.list()
            time.sleep(0.1)


def text_of(mail: str) -> str:
    return str(message_from_string(mail, policy=policy.default).get_content())  # type: ignore[attr-defined]


@contextmanager
def second_worker(node: Node) -> Iterator[None]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "node.worker"],
        env=node.environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def test_published_told_once_and_stopped(
    node: Node, mail: Sink, webhook: Sink, tmp_path: Path
) -> None:
    node.publish(practice("Old bus", theme=["mobility"]))
    by_mail = ("--mail", "ana@lugo.example", "--every", "hourly", "--json")
    added = node.ok("alert", "add", "bus", "--theme", "mobility", *by_mail).json
    hook = f"http://{webhook.address}/hook"
    node.ok("alert", "add", "?theme=mobility", "--webhook", hook, "--every", "weekly")
    node.start()
    uris = node.publish(
        practice("Night bus", theme=["mobility"]),
        practice("Secret bus", theme=["mobility"]),
        practice("Roof solar", theme=["energy"]),
    )
    node.ok("erase", uris[1], "--yes")
    shown = node.ok("alert", "send", str(added["id"]), "--dry-run")
    assert "Night bus" in shown.out
    assert mail.mails == []
    with second_worker(node):
        make_due(node)
        wait_until_handled(node)
    assert (len(mail.mails), len(webhook.posts)) == (1, 1)
    text = text_of(mail.mails[0])
    assert "Night bus" in text
    for unwanted in ("Secret", "Old bus", "Roof solar"):
        assert unwanted not in text
    assert [one["title"] for one in webhook.posts[0]["records"]] == ["Night bus"]

    node.stop()
    node.start()
    make_due(node)
    wait_until_handled(node)
    assert (len(mail.mails), len(webhook.posts)) == (1, 1)  # nothing twice after a restart

    copy = tmp_path / "town.tar.zst"
    node.ok("backup", str(copy))
    link = re.search(rf"{node.url}(/alerts/\S+/stop)", text)
    assert link is not None
    status, _headers, page = node.get(link[1], Accept_Language="en")
    assert (status, b"Stop them" in page) == (200, True)
    request = urllib.request.Request(node.url + link[1], data=b"List-Unsubscribe=One-Click")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    (left,) = node.ok("alert", "list", "--json").json["alerts"]
    assert (left["webhook"], left["state"], left["every"]) == (hook, "active", "weekly")
    node.publish(practice("Third bus", theme=["mobility"]))
    make_due(node)
    wait_until_handled(node)
    assert (len(mail.mails), len(webhook.posts)) == (1, 2)
    for path in ("/api/v1/search?q=ana", "/feed", "/practices?q=lugo", "/feed.atom"):
        assert b"lugo.example" not in node.get(path)[2].replace(b'value="lugo', b"")
    node.stop()

    twin = Node(tmp_path / "twin", node.port, node.allow)
    twin.ok("restore", str(copy))
    assert len(twin.ok("alert", "list", "--json").json["alerts"]) == 2


def test_the_command_sends_and_removes(node: Node, mail: Sink) -> None:
    refused = node.run("alert", "add", "bus", "--mail", "nobody")
    assert refused.code == 2
    assert "name@example.org" in refused.err
    assert node.run("alert", "add", "bus").code == 2
    number = node.ok("alert", "add", "bus", "--mail", "ana@lugo.example").out.strip()
    assert "nothing new" in node.ok("alert", "send").err
    node.publish(practice("Night bus"))
    done = node.ok("alert", "send", number, "--json").json
    assert [one["total"] for one in done["digests"]] == [1]
    assert "Night bus" in text_of(mail.mails[0])
    assert "nothing new" in node.ok("alert", "send").err
    mail.refuses = True
    node.publish(practice("Village bus"))
    failed = node.run("alert", "send")
    assert failed.code == 1
    assert "could not be delivered" in failed.err
    assert "1 failures" in node.ok("alert", "list").out
    assert node.run("alert", "remove", "77").code == 2
    node.ok("alert", "remove", number)
    assert node.ok("alert", "list", "--json").json == {"alerts": []}
