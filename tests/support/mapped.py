"""Imported once all services are: their tables are mapped to classes once, and not by each copy of the process anew."""

from sqlalchemy.orm import configure_mappers

configure_mappers()
