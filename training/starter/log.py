"""One JSON line per reading, and the curves drawn from them."""

import json
from pathlib import Path


class Log:
    def __init__(self, path: Path):
        self.path = path

    def write(self, **values) -> None:
        line = json.dumps(values)
        print(line, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")
