"""scikit-learn's twin of the lab's exact AUROC."""

import numpy as np
import sklearn
from sklearn.metrics import roc_auc_score

from serve import serve


def start(request):
    scores = np.fromfile(request["scores"], dtype=np.float32)
    labels = np.fromfile(request["labels"], dtype=np.uint8)
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    return versions, lambda: float(roc_auc_score(labels, scores))


serve(start)
