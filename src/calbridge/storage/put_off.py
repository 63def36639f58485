"""A package that is not executed before somebody asks it for a name of its own, though its modules be imported.

``importlib.util.LazyLoader`` cannot do that: to import a module asks its package for ``__path__``, and so loads it.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec


def put_off(name: str) -> None:
    """Put off a package that lies in another one, unless it was imported already. Raises ImportError."""
    if name in sys.modules:
        return
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"there is no package {name}", name=name)
    package, loader = module_from_spec(spec), spec.loader

    def load(attribute: str) -> object:
        if find_spec(f"{name}.{attribute}") is not None:
            return import_module(f"{name}.{attribute}")
        if vars(package).pop("__getattr__", None) is not None:
            loader.exec_module(package)
        return getattr(package, attribute)

    vars(package)["__getattr__"] = load
    parent, _, own = name.rpartition(".")
    sys.modules[name] = package
    setattr(sys.modules[parent], own, package)
