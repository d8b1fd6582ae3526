"""What flows call their products, in the words that people and files use for them."""

import re

# The first name of each language is the one to write.
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "air_conditioner": (("空调", "冷气"), ("air conditioner", "air conditioning", "ac", "aircon")),
    "washing_machine": (("洗衣机", "洗烘一体机"), ("washing machine", "washer")),
    "refrigerator": (("冰箱", "冷柜"), ("refrigerator", "fridge", "freezer")),
    "tv": (("电视", "电视机"), ("television", "tv")),
    "water_heater": (("热水器",), ("water heater", "boiler")),
    "gas_stove": (("燃气灶", "煤气灶", "灶具"), ("gas stove", "gas hob", "gas cooker")),
    "range_hood": (("抽油烟机", "油烟机"), ("range hood", "cooker hood", "extractor hood")),
    "robot_vacuum": (("扫地机器人", "扫地机"), ("robot vacuum", "robot cleaner")),
    "ebike": (("电动车", "电动自行车", "电瓶车"), ("e-bike", "ebike", "electric bike")),
    "bottle_warmer": (("温奶器", "暖奶器"), ("bottle warmer",)),
}


def is_of(product: str, text: str) -> bool:
    """Whether a text names a flow's product: a machine's product, as the file or the form has it."""
    told = text.casefold()
    chinese, english = NAMES.get(product, ((), (product.replace("_", " "),)))
    words = f" {' '.join(re.findall(r'[a-z0-9]+', told))} "
    return any(name in told for name in chinese) or any(
        f" {' '.join(re.findall(r'[a-z0-9]+', name))} " in words for name in english
    )


def name_of(product: str, language: str) -> str:
    """The product in a language; one that is not listed as its key says it."""
    chinese, english = NAMES.get(product, ((), ()))
    names = chinese if language == "zh" else english
    return names[0] if names else product.replace("_", " ")


__all__ = ["NAMES", "is_of", "name_of"]
