import subprocess
import sys


def test_nothing_is_imported_that_the_session_does_not_have():
    code = (
        "import sys; from g4f_magic.describing import describe; describe({'a': [1]}, name='x');"
        "describe(object(), name='x'); describe(sys, name='x');"
        "print([m for m in ('pandas', 'numpy', 'polars', 'pyarrow', 'narwhals', 'PIL', 'matplotlib', 'pypdf', 'aiohttp')"
        " if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
