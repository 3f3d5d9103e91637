"""What papermill has to know of TypeScript: `papermill in.ipynb out.ipynb -p profile full`, and `--help-notebook`.

papermill has no door for translators; it loads all engines that packages announce, and so this one, which is its own.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

DECLARATION = re.compile(
    r"^(?:export\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\s*(?::\s*(?P<type>[^=]+?))?\s*=\s*"
    r"(?P<default>.*?)\s*(?:;\s*)?(?://\s*(?P<help>.*))?$"
)


class TypeScriptTranslator(Translator):
    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_str(cls, val):
        return json.dumps(val)

    translate_escaped_str = translate_str

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        return "Infinity" if val == math.inf else "-Infinity" if val == -math.inf else repr(val)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(each) for each in val)}]"

    @classmethod
    def translate_dict(cls, val):
        pairs = (f"{json.dumps(str(key))}: {cls.translate(each)}" for key, each in val.items())
        return f"{{ {', '.join(pairs)} }}" if val else "{}"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".rstrip()

    @classmethod
    def assign(cls, name, str_val):
        # Not `const`: of that "full" would be a type of its own, which later cells could compare with nothing else.
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        found = (DECLARATION.match(line.strip()) for line in parameters_cell.source.splitlines())
        return [
            Parameter(
                name=each["name"],
                inferred_type_name=each["type"] or "None",
                default=each["default"],
                help=each["help"] or "",
            )
            for each in found
            if each
        ]


papermill_translators.register("typescript", TypeScriptTranslator)


class Engine(NBClientEngine):
    """papermill's own, for who names it."""
