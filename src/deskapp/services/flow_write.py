"""Write a flow file: plain YAML 1.2 that reads back into the same data."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap


def write_flow(data: dict[str, Any]) -> str:
    """The text of a flow file; texts in two languages and choices are written on one line."""
    yaml = YAML()
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    stream.write("# yaml-language-server: $schema=flow.schema.json\n")
    yaml.dump(_styled(data), stream)
    return stream.getvalue()


def _styled(value: Any) -> Any:
    if isinstance(value, dict):
        styled = CommentedMap((key, _styled(item)) for key, item in value.items())
        if {"zh", "en"} <= set(value):
            styled.fa.set_flow_style()
        return styled
    return [_styled(item) for item in value] if isinstance(value, list | tuple) else value
