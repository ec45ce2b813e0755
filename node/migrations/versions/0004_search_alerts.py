"""Searches that somebody follows by mail or webhook."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "search_alert",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("owner", sa.String(320), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("target", sa.String(700), nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.String(60), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lease_owner", sa.String(60), nullable=False, server_default=""),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("token", name="uq_search_alert_token"),
    )
    op.create_index("ix_search_alert_next_at", "search_alert", ["next_at"])
