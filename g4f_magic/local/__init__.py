"""A model on this machine, without a server of the person's own: files in the form GGUF, run by llama.cpp from a wheel."""
