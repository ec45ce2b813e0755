"""Alembic environment: runs on the connection that node.migrations.upgrade hands over."""

from alembic import context

from node.local.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds everything
)
context.run_migrations()
