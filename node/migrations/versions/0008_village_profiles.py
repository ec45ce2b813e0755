"""Profiles of the villages that a hub looks after."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "village",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("origin", sa.String(700), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("origin", "name"),
    )
