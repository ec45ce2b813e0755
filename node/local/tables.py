"""Tables of the node itself. Times are integers: microseconds since 1970, UTC.

They stand in the database of the journal, so that one transaction, one lock file and one backup
cover all of it; nothing of them is ever harvested, exported or shown to readers.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(320), nullable=False, unique=True),  # e-mail address, folded
    Column("name", String(200), nullable=False),
    Column("language", String(10), nullable=False, server_default=""),
    Column("password", String(200), nullable=False, server_default=""),  # argon2; "" for none
    Column("external", String(700), unique=True),  # issuer and subject at an identity provider
    Column("suspended", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", BigInteger),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger),
)
"""People who work on this node."""

account_role = Table(
    "account_role",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("origin", String(700), nullable=False),  # DID, "" for all origins of the node
    Column("role", String(20), nullable=False),
    UniqueConstraint("account_id", "origin"),
)
"""What somebody may do, for each origin of the node."""

login_session = Table(
    "login_session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of what the cookie holds
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE")),  # None: operator
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""Browsers that are signed in."""

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""Links by which somebody chooses a password: an invitation, or after a lost one."""

api_token = Table(
    "api_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("scopes", String(200), nullable=False),  # separated by spaces
    Column("origin", String(700), nullable=False),  # DID, "" for all that the account may
    Column("created", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("used", BigInteger),
)
"""What programs sign in with, on behalf of an account."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(320), nullable=False),  # login, "operator" or "command"
    Column("act", String(40), nullable=False),
    Column("subject", String(700), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_audit_at", "at"),
)
"""Who did what to the node: every administrative act."""

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(40), nullable=False, unique=True),  # random, in the draft's address
    Column("origin", String(700), nullable=False),  # DID of the origin that it is for
    Column("record", String(700), nullable=False, server_default=""),  # URI, "" for a new one
    Column("based_on", String(80), nullable=False, server_default=""),  # digest of that version
    Column("type", String(60), nullable=False),
    Column("body", LargeBinary, nullable=False),  # authoring document as JSON
    Column("state", String(20), nullable=False),  # writing, submitted, returned or scheduled
    Column("revision", Integer, nullable=False),
    Column("author_id", Integer, ForeignKey("account.id", ondelete="SET NULL")),
    Column("created", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    Column("publish_at", BigInteger),
    Index("ix_draft_origin", "origin"),
    Index("ix_draft_record", "record"),
)
"""What is being written and is nobody else's business yet."""

draft_note = Table(
    "draft_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", Integer, ForeignKey("draft.id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(320), nullable=False),
    Column("kind", String(20), nullable=False),  # comment, submitted, returned, scheduled …
    Column("text", Text, nullable=False, server_default=""),
)
"""What author and reviewer say to each other."""

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the bytes, name of the file
    Column("origin", String(700), nullable=False),
    Column("name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("draft_id", Integer, ForeignKey("draft.id", ondelete="SET NULL")),
    Column("record", String(700), nullable=False, server_default=""),  # that shows it, "" for none
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("digest", "name", "draft_id", "record"),
    Index("ix_attachment_record", "record"),
)
"""Files beside records. Nobody else sees one before a published record shows it."""

observation = Table(
    "observation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record", String(700), nullable=False),  # the practice that it is about
    Column("origin", String(700), nullable=False),  # DID of the origin that answers
    Column("kind", String(40), nullable=False),
    Column("text", Text, nullable=False),  # "" once published, refused or withdrawn
    Column("language", String(10), nullable=False),
    Column("month", String(7), nullable=False),
    Column("target_groups", String(400), nullable=False, server_default=""),
    Column("rating", Integer),
    Column("state", String(20), nullable=False),  # received, published, answered, refused …
    Column("published", String(700), nullable=False, server_default=""),  # URI of its record
    Column("reason", Text, nullable=False, server_default=""),  # why it was refused
    Column("entered", String(10), nullable=False),  # citizen, phone, counter or paper
    Column("receipt", String(64), nullable=False, unique=True),  # SHA-256 of the code
    Column("mailed", String(64), nullable=False, server_default=""),  # of the code in the mail
    Column("mail", String(320), nullable=False, server_default=""),  # "" once it was told
    Column("consent", Text, nullable=False),  # consent record as JSON
    Column("created", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    Index("ix_observation_origin", "origin"),
    Index("ix_observation_record", "record"),
)
"""What citizens have said of a practice, and what became of it."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("holder", String(100), nullable=False),  # digest of the token that was shown
    Column("key", String(200), nullable=False),  # Idempotency-Key of the request
    Column("request", String(64), nullable=False),  # digest of method, address and body
    Column("status", Integer, nullable=False),  # of the answer, 0 while it is being worked out
    Column("headers", Text, nullable=False, server_default=""),
    Column("body", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("holder", "key"),
)
"""Answers that a program gets again when it repeats a request."""

village = Table(
    "village",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", String(700), nullable=False),  # DID of the origin that looks after it
    Column("name", String(200), nullable=False),
    Column("query", Text, nullable=False),  # its profile, as the address of /fits holds it
    Column("modified", BigInteger, nullable=False),
    UniqueConstraint("origin", "name"),
)
"""Profiles of places that somebody looks for practices for. They never leave the node."""
