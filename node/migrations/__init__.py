"""Forward-only migrations of the node's tables, driven by Alembic without an ini file."""

from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text

from federation.journal.store import Store

HEAD: Final = "0009"


class SchemaTooNewError(Exception):
    """The data folder was written by a newer Lonja; older programs must not touch it."""


def revision(store: Store) -> str:
    """Return the revision of the tables in a store, "" for an empty one."""
    with store.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found or "")


def upgrade(store: Store) -> bool:
    """Bring the tables to the newest revision; say whether anything had to be done.

    Raises:
        SchemaTooNewError: the tables are of a revision that this program does not know.
    """
    held = revision(store)
    if held == HEAD:
        return False
    if held > HEAD:
        raise SchemaTooNewError(
            f"the data folder is of revision {held}, this program knows {HEAD}; "
            "install the newer Lonja again"
        )
    # Alembic is slow to import and needed once in a node's life.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
