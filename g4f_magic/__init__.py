"""Chat with language models as a native part of Jupyter notebooks and IPython."""

__version__ = "0.1.0"
