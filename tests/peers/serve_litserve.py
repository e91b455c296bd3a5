"""litserve with its OpenAI form; the model says the words of the question backwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import litserve


class Backwards(litserve.LitAPI):
    def setup(self, device: str) -> None:
        pass

    def predict(self, prompt: Any, *args: Any) -> Iterator[Any]:
        words = str(prompt.messages[-1].content).split()
        for word in reversed(words):
            yield {"role": "assistant", "content": f"{word} "}


if __name__ == "__main__":
    server = litserve.LitServer(Backwards(spec=litserve.OpenAISpec()), accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
