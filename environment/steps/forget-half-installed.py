"""Removes the record of each installed package of which a file is missing or of another size."""

import shutil
from importlib.metadata import distributions
from pathlib import Path


def is_whole(distribution):
    files = distribution.files
    if files is None:  # no RECORD: pip writes it last
        return False
    for file in files:
        path = Path(distribution.locate_file(file))
        if path.suffix == ".pyc":
            continue
        if not path.exists() or (file.size is not None and path.stat().st_size != file.size):
            return False
    return True


for found in list(distributions()):
    record = Path(found._path)
    if record.suffix == ".dist-info" and not is_whole(found):
        print("half installed:", record.name)
        shutil.rmtree(record)
