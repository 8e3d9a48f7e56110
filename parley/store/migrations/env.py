"""Alembic's entry: migrates the connection that parley.store.database hands over."""

from alembic import context
from sqlalchemy import create_engine

from parley.store.tables import Base

connection = context.config.attributes.get("connection")
if connection is None:
    connection = create_engine(context.config.attributes["url"]).connect()
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
