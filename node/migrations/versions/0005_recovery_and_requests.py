"""Keep the digest of each origin's recovery key, and who has asked to join."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"


def upgrade() -> None:
    recovery = sa.Column("recovery", sa.String(80), nullable=False, server_default="")
    op.add_column("origin", recovery)
    op.add_column("peer", sa.Column("request", sa.LargeBinary(), nullable=True))
