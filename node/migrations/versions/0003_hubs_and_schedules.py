"""Recovery keys, requests to join, cron schedules, what is shown of a peer, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    recovery = sa.Column("recovery", sa.String(80), nullable=False, server_default="")
    op.add_column("origin", recovery)
    op.add_column("peer", sa.Column("request", sa.LargeBinary(), nullable=True))
    op.add_column("peer", sa.Column("cron", sa.String(100), nullable=False, server_default=""))
    daily = sa.Column("daily_bytes", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("peer", daily)
    op.add_column("peer", sa.Column("shown", sa.Text(), nullable=False, server_default="{}"))
    wire = sa.Column("wire_bytes", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("run", wire)
    op.add_column("run", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index(
        "ix_run_untold",
        "run",
        ["ended"],
        sqlite_where=sa.text("told = 0"),
        postgresql_where=sa.text("NOT told"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("messages", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_notice_next_at", "notice", ["next_at"])
