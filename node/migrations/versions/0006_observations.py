"""What citizens say of a practice."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("record", sa.String(700), nullable=False),
        sa.Column("origin", sa.String(700), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("target_groups", sa.String(400), nullable=False, server_default=""),
        sa.Column("rating", sa.Integer()),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("published", sa.String(700), nullable=False, server_default=""),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("entered", sa.String(10), nullable=False),
        sa.Column("receipt", sa.String(64), nullable=False, unique=True),
        sa.Column("mail", sa.String(320), nullable=False, server_default=""),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_observation_origin", "observation", ["origin"])
    op.create_index("ix_observation_record", "observation", ["record"])
