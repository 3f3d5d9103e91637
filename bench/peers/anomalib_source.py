"""anomalib's own STFPM and metrics, without all its other models.

Its packages' __init__ files import every model with everything that any of them needs, some of which has no wheel. So
the packages on the way are made here, empty but for their path; the modules themselves are anomalib's, unchanged.
"""

import sys
import types
from pathlib import Path

import anomalib


def enter(package):
    module = types.ModuleType(package)
    module.__path__ = [str(Path(anomalib.__file__).parent.joinpath(*package.split(".")[1:]))]
    sys.modules[package] = module


for package in ("anomalib.models", "anomalib.models.image", "anomalib.models.image.stfpm"):
    enter(package)

from anomalib.metrics.aupro import _AUPRO as AUPRO  # noqa: E402
from anomalib.metrics.auroc import _AUROC as AUROC  # noqa: E402
from anomalib.models.image.stfpm.loss import STFPMLoss  # noqa: E402
from anomalib.models.image.stfpm.torch_model import STFPMModel  # noqa: E402

__all__ = ["AUPRO", "AUROC", "STFPMLoss", "STFPMModel"]
