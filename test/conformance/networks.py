"""Builds networks of real PyTorch from the descriptions in case files, as network.ts builds ours."""

import collections

import torch
from torch import nn


def argument(value):
    if isinstance(value, list):
        return [argument(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "float" in value:
        return float(value["float"])
    if "tuple" in value:
        return tuple(argument(item) for item in value["tuple"])
    return build(value) if "cls" in value else tensor(value)


def tensor(literal):
    options = {"dtype": getattr(torch, literal["dtype"])} if "dtype" in literal else {"dtype": torch.float32}
    if "fill" in literal:
        return torch.full(literal["fill"], literal["value"], **options)
    if "arange" in literal:
        return torch.arange(torch.Size(literal["arange"]).numel(), **options).reshape(literal["arange"])
    if "randn" in literal:
        return torch.randn(literal["randn"], **options)
    return torch.tensor(literal["data"], **options).reshape(literal["shape"])


def at(root, path):
    for name in path.split("."):
        root = getattr(root, name)
    return root


def custom(net):
    module = type(net["name"], (nn.Module,), {})()
    for action, name, *rest in net["steps"]:
        if action == "set":
            setattr(module, name, build(rest[0]))
        elif action == "param":
            setattr(module, name, nn.Parameter(tensor(rest[0]), requires_grad=rest[1]))
        elif action == "param_none":
            module.register_parameter(name, None)
        elif action == "buffer_none":
            module.register_buffer(name, None)
        elif action == "module_none":
            module.add_module(name, None)
        elif action == "buffer":
            module.register_buffer(name, tensor(rest[0]), persistent=rest[1])
        elif action == "alias":
            setattr(module, name, at(module, rest[0]))
        elif action == "tie":
            owner, _, attribute = name.rpartition(".")
            setattr(at(module, owner) if owner else module, attribute, at(module, rest[0]))
        elif action == "attr":
            setattr(module, name, tensor(rest[0]))
        elif action == "freeze":
            at(module, name).requires_grad_(False)
        else:
            raise ValueError(action)
    return module


def build(net):
    """A network. Whatever it draws is drawn here."""
    if "wrap" in net:
        return getattr(nn.utils, net["wrap"])(build(net["of"]))
    cls = getattr(nn, net["cls"], None)
    if net["cls"] == "Custom":
        return custom(net)
    if net["cls"] == "Sequential":
        if "named" in net:
            return cls(collections.OrderedDict((name, build(item)) for name, item in net["named"]))
        return cls(*[build(item) for item in net["items"]])
    if net["cls"] == "ModuleList":
        return cls([build(item) for item in net["items"]])
    if net["cls"] == "ModuleDict":
        return cls([(name, build(item)) for name, item in net["named"]])
    if net["cls"] == "ParameterList":
        return cls([tensor(item) for item in net["tensors"]])
    if net["cls"] == "ParameterDict":
        return cls([(name, tensor(item)) for name, item in net["named"]])
    if "layer" in net:
        kw = {name: argument(value) for name, value in net.get("kw", {}).items()}
        return cls(build(net["layer"]), net["num_layers"], **kw)
    args = [argument(value) for value in net.get("args", [])]
    return cls(*args, **{name: argument(value) for name, value in net.get("kw", {}).items()})
