"""Whoever answers a question: a service, a chain of them with a fallback, a recorder around one, a player of recordings.

In come the turns that go along and the `Ask`; before that, the names and options that say who is meant. Out come chunks,
secrets redacted, of which the first says who answers. Keys, hosts and proxies are found here, and handed to nobody but
the provider that they are for.
"""
