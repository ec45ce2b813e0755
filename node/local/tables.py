"""Tables of the node itself. Times are integers: microseconds since 1970, UTC.

They stand in the database of the journal, so that one transaction, one lock file and one backup
cover all of it; nothing of them is ever harvested, exported or shown to readers.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

from federation.journal import tables

metadata: Final[MetaData] = tables.metadata
"""All tables of a node: those of the journal and those of this module."""

search_alert = Table(
    "search_alert",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(320), nullable=False),  # "operator" or an e-mail address
    Column("query", Text, nullable=False),  # the search, as parameters of an address
    Column("language", String(10), nullable=False),
    Column("channel", String(10), nullable=False),  # mail or webhook
    Column("target", String(700), nullable=False),  # e-mail address or URL
    Column("every", String(10), nullable=False),  # hourly, daily or weekly
    Column("state", String(10), nullable=False),  # waiting, active or paused
    Column("position", Integer, nullable=False),  # of the journal, up to which was told
    Column("until", Integer),  # position up to which the digest that is being sent reaches
    Column("next_at", BigInteger),  # None while waiting or paused
    Column("created", BigInteger, nullable=False),
    Column("sent", BigInteger),  # last digest, None before the first
    Column("token", String(60), nullable=False, unique=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("lease_owner", String(60), nullable=False, server_default=""),
    Column("lease_until", BigInteger),
    Index("ix_search_alert_next_at", "next_at"),
)
"""Searches that somebody follows. The journal's table `alert` is another thing: what an operator
should look at."""
