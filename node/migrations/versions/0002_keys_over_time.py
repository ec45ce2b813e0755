"""Keep until which number a replaced key may have signed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("origin_key", sa.Column("last_seq", sa.BigInteger(), nullable=True))
