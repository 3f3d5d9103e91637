"""The public conformance suite for Jupyter kernels (jupyter_kernel_test), on the lab's kernel."""

import unittest

import jupyter_kernel_test


class LabKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "stfpm-ts"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('to standard error')"
    code_generate_error = "throw new Error('on purpose')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 2].map((x) => x + 1)", "result": "[ 2, 3 ]"},
        {"code": "await Promise.resolve('waited')", "result": "'waited'"},
    ]
    code_display_data = [
        {
            "code": "import { display } from 'tslab'; display.png(Buffer.from('not really'))",
            "mime": "image/png",
        }
    ]
    code_clear_output = "import { clearOutput } from './src/viz/notebook/clear-output'; clearOutput()"
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 ? 7"
    code_inspect_sample = "parseInt"
    completion_samples = [{"text": "Math.sqr", "matches": {"sqrt", "SQRT1_2", "SQRT2"}}]
    complete_code_samples = ["1 + 1", "function f() {\n  return 1;\n}"]
    incomplete_code_samples = ["function f() {", "[1, 2,"]
    invalid_code_samples = ["const const = 1", "let x = = 2"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
