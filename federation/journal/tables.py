"""Tables of the journal (SQLAlchemy Core). Times are integers: microseconds since 1970, UTC.

`entry` is the record of store. `record`, `origin.last_seq` and the like are derived from it in
the same transaction and can be rebuilt.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

origin = Table(
    "origin",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("did", String(500), nullable=False, unique=True),
    Column("base", String(500), nullable=False),
    Column("key", String(120), nullable=False),
    Column("standing", String(20), nullable=False),
    Column("introduced_by", String(500), nullable=False, default=""),
    Column("hops", Integer, nullable=False, default=0),
    Column("name", String(500), nullable=False, default=""),
    Column("last_seq", BigInteger, nullable=False, default=0),
    Column("contiguous_seq", BigInteger, nullable=False, default=0),
    Column("last_digest", String(80), nullable=False, default=""),
    Column("head_seq", BigInteger, nullable=False, default=0),
    Column("head_digest", String(80), nullable=False, default=""),
    Column("head_valid_until", BigInteger),
    Column("head", LargeBinary),  # newest valid signed head, verbatim RFC 8785 bytes
    Column("until", BigInteger),
    Column("since", BigInteger, nullable=False),
    Column("recovery", String(80), nullable=False, server_default=""),  # digest of a key
)

origin_key = Table(
    "origin_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin_id", Integer, ForeignKey("origin.id"), nullable=False),
    Column("key", String(120), nullable=False),
    Column("method", String(600), nullable=False),  # verificationMethod, for example did#key-1
    Column("seen", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    Column("last_seq", BigInteger),  # last number that a replaced key may have signed
    UniqueConstraint("origin_id", "key"),
)

entry = Table(
    "entry",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("origin_id", Integer, ForeignKey("origin.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("uri", String(700), nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_uri", String(700), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("type", String(60), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(80), nullable=False, default=""),
    Column("received", BigInteger, nullable=False),
    Column("feed_number", Integer, unique=True),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("origin_id", "seq"),
    Index("ix_entry_uri_version", "uri", "version"),
    # The few erased ones, by the feed page on which they stood.
    Index(
        "ix_entry_erased",
        "feed_number",
        sqlite_where=text("state = 'erased'"),
        postgresql_where=text("state = 'erased'"),
    ),
    sqlite_autoincrement=True,
)

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uri", String(700), nullable=False, unique=True),
    Column("origin_id", Integer, ForeignKey("origin.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("position", Integer, nullable=False),  # entry of the winning version
    Column("type", String(60), nullable=False),  # "Tombstone" once withdrawn
    Column("identifier", String(500)),  # dct:identifier of an imported record, to match it again
    Index("ix_record_origin_identifier", "origin_id", "identifier"),
    Index("ix_record_type", "type"),
    Index("ix_record_position", "position"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("reader", String(60), primary_key=True),
    Column("position", Integer, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(60), nullable=False),  # equivocation, rollback, stale-head, new-key, …
    Column("origin", String(500), nullable=False),
    Column("detail", Text, nullable=False),
    Column("settled", Boolean, nullable=False, default=False),
)

peer = Table(
    "peer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", String(500), nullable=False, unique=True),
    Column("did", String(500), nullable=False, default=""),
    Column("key", String(120), nullable=False, default=""),
    Column("name", String(500), nullable=False, default=""),
    Column("state", String(20), nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("next_at", BigInteger),
    Column("etag", String(200), nullable=False, default=""),
    Column("page_url", String(700), nullable=False, default=""),
    Column("feed_position", BigInteger, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("added", BigInteger, nullable=False),
    Column("lease_owner", String(200), nullable=False, default=""),  # host:pid:token
    Column("lease_until", BigInteger),
    Column("request", LargeBinary),  # the signed membership by which it has asked to join
    Column("cron", String(100), nullable=False, server_default=""),  # "" = every interval
    Column("daily_bytes", BigInteger, nullable=False, server_default="0"),  # 0 = no allowance
    Column("shown", Text, nullable=False, server_default="{}"),  # JSON object, see shown.py
    Index("ix_peer_next_at", "next_at"),
)

gap = Table(
    "gap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("peer_id", Integer, ForeignKey("peer.id", ondelete="CASCADE"), nullable=False),
    Column("page_url", String(700), nullable=False),  # page that holds the refused member
    Column("version_uri", String(700), nullable=False),
    Column("rule", String(60), nullable=False),
    UniqueConstraint("peer_id", "version_uri"),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("peer_id", Integer, ForeignKey("peer.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("heartbeat", BigInteger, nullable=False),
    Column("announced", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("deleted", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("requests", Integer, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("wire_bytes", BigInteger, nullable=False, server_default="0"),  # as they came
    Column("seconds", Float, nullable=False, default=0.0),
    Column("error", String(60), nullable=False, default=""),
    Column("messages", Text, nullable=False, default="{}"),  # JSON object, sentence per language
    Column("warnings", Text, nullable=False, default="[]"),  # JSON array of sentences
    Column("told", Boolean, nullable=False, server_default=true()),  # to the operator
    Index("ix_run_peer_id_started", "peer_id", "started"),
    Index(
        "ix_run_untold", "ended", sqlite_where=text("told = 0"), postgresql_where=text("NOT told")
    ),
)

refusal = Table(
    "refusal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
    Column("version_uri", String(700), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("pointer", String(500), nullable=False),
    Column("messages", Text, nullable=False),  # JSON object, sentence per language
    Column("fixes", Text, nullable=False, default="{}"),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_refusal_run_id", "run_id"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(60), nullable=False),
    Column("subject", String(500), nullable=False),  # peer or origin that it is about
    Column("messages", Text, nullable=False),  # JSON object, sentence per language
    Column("channel", String(10), nullable=False),  # mail or webhook
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", BigInteger),  # None once nothing more is tried
    Index("ix_notice_next_at", "next_at"),
)
