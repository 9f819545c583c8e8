"""Networks whose slots have names that methods have, here or in Python, and slots that change their kind; and loads of them."""

from record_networks import L, R, fill, net, randn

NAMES = {
    "names of all kinds": net(
        "Names",
        *[("set", name, L(1, 1)) for name in ("__proto__", "constructor", "toString", "stateDict", "half", "name", "forward")],
        ("param", "length", randn(2), True),
        ("buffer", "extraRepr", fill(2), True),
        ("set", "dict", {"cls": "ModuleDict", "named": [[name, R] for name in ("__proto__", "at", "get", "日本", "0", "a b")]}),
        ("set", "values", {"cls": "ParameterDict", "named": [[name, fill(1)] for name in ("__proto__", "extraRepr", "size", "10", "2")]}),
        ("alias", "again", "constructor"),
        ("tie", "name.weight", "__proto__.weight"),
    ),
    "names that change their kind": net(
        "Changing",
        ("attr", "a", fill(1)),
        ("buffer", "b", fill(1), False),
        ("set", "c", L(1, 2)),
        ("param", "d", fill(1), True),
        ("set", "a", L(2, 1)),
        ("param", "b", fill(2), True),
        ("set", "e", R),
        ("param", "e", fill(3), True),
        ("param", "d", fill(4), False),
    ),
}

ALL = NAMES["names of all kinds"]

NAME_LOADS = [
    ("names of all kinds", ALL, [["del", "__proto__.bias"], ["set", "toString.weight", fill(1, 1, value=7.0)], ["set", "constructor.x", fill(1)], ["set", "valueOf", fill(1)]]),
    ("names of all kinds, not strictly", ALL, [["set", "__proto__.weight", fill(1, 1, value=7.0)], ["set", "values.__proto__", fill(1, value=7.0)]], False),
]
