"""JupyterLab as `npm run lab` starts it."""

from pathlib import Path

root = Path(__file__).resolve().parent.parent

c = get_config()  # noqa: F821 (given by Jupyter)
# The whole checkout can be browsed, beginning with the notebooks.
c.ServerApp.root_dir = str(root)
c.LabApp.default_url = "/lab/tree/notebooks"
c.KernelSpecManager.ensure_native_kernel = False
c.KernelSpecManager.allowed_kernelspecs = {"stfpm-ts"}
c.MultiKernelManager.default_kernel_name = "stfpm-ts"
