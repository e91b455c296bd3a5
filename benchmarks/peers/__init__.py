"""This package beside others that chat in a notebook: the same server, a real kernel and an environment for each."""
