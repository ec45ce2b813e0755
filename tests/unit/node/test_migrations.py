"""Migrations: the tables they make are the tables that the program uses."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from federation.journal.store import open_store
from node import migrations
from node.local.tables import metadata

pytestmark = pytest.mark.unit


def test_migrating_an_empty_store_makes_exactly_the_tables(tmp_path: Path) -> None:
    store = open_store(tmp_path / "journal.sqlite3", lock=tmp_path / "write.lock")
    assert migrations.upgrade(store) is True
    assert migrations.upgrade(store) is False
    assert migrations.revision(store) == migrations.HEAD
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    store.close()


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    store = open_store(tmp_path / "journal.sqlite3", lock=tmp_path / "write.lock")
    migrations.upgrade(store)
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.SchemaTooNewError, match="newer"):
        migrations.upgrade(store)
    store.close()
