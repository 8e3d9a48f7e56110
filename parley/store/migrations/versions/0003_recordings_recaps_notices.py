"""recordings, recap stages and edits, deletions, notices

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
from alembic import op

import parley.store.tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('deletions',
    sa.Column('recording_id', sa.String(length=32), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('asked_at', parley.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', parley.store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_deletions_conversation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('recording_id', name=op.f('pk_deletions'))
    )
    with op.batch_alter_table('deletions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deletions_conversation_id'), ['conversation_id'], unique=False)

    op.create_table('notices',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('account_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('link', sa.String(length=200), nullable=False),
    sa.Column('created_at', parley.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('read_at', parley.store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('mailed_at', parley.store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_notices_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
    sa.UniqueConstraint('account_id', 'kind', 'subject', name='uq_notices_account_kind_subject')
    )
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notices_account_id'), ['account_id'], unique=False)

    op.create_table('recordings',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('meeting_id', sa.String(length=32), nullable=False),
    sa.Column('started_at', parley.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', parley.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', parley.store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('finished_at', parley.store.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('paused', sa.Boolean(), nullable=False),
    sa.Column('recap', sa.Boolean(), nullable=False),
    sa.Column('gestures', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_recordings_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recordings'))
    )
    with op.batch_alter_table('recordings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recordings_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recordings_started_at'), ['started_at'], unique=False)

    op.create_table('recap_edits',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('recording_id', sa.String(length=32), nullable=False),
    sa.Column('item', sa.String(length=64), nullable=False),
    sa.Column('field', sa.String(length=16), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('account_id', sa.String(length=32), nullable=True),
    sa.Column('at', parley.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_recap_edits_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_recap_edits_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recap_edits'))
    )
    with op.batch_alter_table('recap_edits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recap_edits_recording_id'), ['recording_id'], unique=False)

    op.create_table('recap_stages',
    sa.Column('recording_id', sa.String(length=32), nullable=False),
    sa.Column('stage', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('progress', sa.Double(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('updated_at', parley.store.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_recap_stages_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('recording_id', 'stage', name=op.f('pk_recap_stages'))
    )


def downgrade() -> None:
    op.drop_table('recap_stages')
    with op.batch_alter_table('recap_edits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recap_edits_recording_id'))

    op.drop_table('recap_edits')
    with op.batch_alter_table('recordings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recordings_started_at'))
        batch_op.drop_index(batch_op.f('ix_recordings_meeting_id'))

    op.drop_table('recordings')
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notices_account_id'))

    op.drop_table('notices')
    with op.batch_alter_table('deletions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deletions_conversation_id'))

    op.drop_table('deletions')
