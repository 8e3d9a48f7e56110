"""agenda, files, admission times

Revision: 0002, after: 0001
"""

import sqlalchemy as sa
from alembic import op

import parley.store.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("created_at", parley.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_files_meeting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_meeting_id"), ["meeting_id"], unique=False)

    op.add_column("meetings", sa.Column("agenda", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "meeting_people", sa.Column("admitted_at", parley.store.tables.UtcDateTime(timezone=True), nullable=True)
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_id", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_messages_file_id"), "files", ["file_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_messages_file_id"), ["file_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_file_id"))
        batch_op.drop_constraint(batch_op.f("fk_messages_file_id"), type_="foreignkey")
        batch_op.drop_column("file_id")

    op.drop_column("meeting_people", "admitted_at")
    op.drop_column("meetings", "agenda")
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_files_meeting_id"))

    op.drop_table("files")
