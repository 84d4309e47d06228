"""A private PostgreSQL and a private RabbitMQ, started where nobody has to install or configure anything.

Both listen on loopback ports that were free, keep their data under one folder, and end with the process that started
them. A server that is already there is used instead where a URL is given.
"""
