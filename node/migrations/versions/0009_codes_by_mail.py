"""The mail about an answer carries a receipt code of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "observation", sa.Column("mailed", sa.String(64), nullable=False, server_default="")
    )
