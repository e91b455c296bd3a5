"""All that touches bytes: sending and receiving, decoding, cookies, and the browser for sites that want one."""
