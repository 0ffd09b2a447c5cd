"""Alembic's folder.  It has no ini file: ``store/schema.py`` runs it from the installed package."""
