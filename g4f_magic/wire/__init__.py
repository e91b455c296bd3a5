"""All that touches bytes: sending and receiving, decoding, cookies, and the browser for sites that want one.

In come a `Request` and a `Route`; out come pieces of the body as they arrive, bounded and decompressed, or one of the
errors of `g4f_magic.errors`, with the server's words and what to do. Which protocol the bytes speak is not known here.
"""
