"""Optimizers and schedulers whose steps are recorded; every option at least once."""

GRID = {
    "SGD": [
        {},
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"lr": 0.05, "weight_decay": 0.2, "maximize": True},
        {"lr": 1.0, "momentum": 0.5, "foreach": True},
        {"lr": 1},
    ],
    "Adam": [
        {},
        {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1, "amsgrad": True},
        {"lr": 0.01, "betas": (0.4, 0.5)},
        {"lr": 0.01, "betas": (0.0, 0.9)},
        {"maximize": True, "weight_decay": 0.3, "decoupled_weight_decay": True},
        {"foreach": False},
    ],
    "AdamW": [{}, {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True}, {"maximize": True, "betas": (0.5, 0.6), "eps": 0.0}],
    "Adamax": [{}, {"lr": 0.1, "weight_decay": 0.1, "betas": (0.5, 0.9)}, {"maximize": True, "eps": 0.01}],
    "NAdam": [{}, {"lr": 0.1, "weight_decay": 0.1, "momentum_decay": 0.01}, {"decoupled_weight_decay": True, "weight_decay": 0.3, "maximize": True}],
    "RAdam": [{}, {"lr": 0.1, "weight_decay": 0.1, "betas": (0.8, 0.9)}, {"decoupled_weight_decay": True, "weight_decay": 0.3, "maximize": True}],
    "RMSprop": [
        {},
        {"lr": 0.1, "alpha": 0.5, "momentum": 0.9, "weight_decay": 0.1},
        {"centered": True, "momentum": 0.5},
        {"centered": True, "maximize": True, "eps": 0.1},
    ],
    "Adagrad": [{}, {"lr": 0.5, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.3}, {"maximize": True, "eps": 0.1}],
    "Adadelta": [{}, {"lr": 0.5, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1}, {"maximize": True}],
    "ASGD": [{}, {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 2.0, "weight_decay": 0.1}, {"maximize": True, "t0": 0}],
    "Rprop": [{}, {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 0.2)}, {"maximize": True}],
}

GROUPS = [
    ("SGD", {"lr": 0.1}, [{"params": [0], "momentum": 0.9}, {"params": [1], "lr": 0.01, "weight_decay": 0.5}], None),
    ("Adam", {}, [{"params": [1], "betas": (0.5, 0.5)}, {"params": [0], "lr": 1, "note": "head"}], None),
    ("AdamW", {"lr": 0.01}, [{"lr": 0.1, "params": [0, 1]}], ["fc.weight", "fc.bias"]),
    ("RMSprop", {}, None, ["weight", "bias"]),
    ("Adam", {}, [{"params": [0, 0, 1]}], None),
    ("SGD", {"momentum": 0.9}, [{"params": []}, {"params": [1, 0], "nesterov": True, "lr": 1}], None),
]

ERRORS = [
    ("SGD", {"lr": -1}), ("SGD", {"lr": -0.5}), ("SGD", {"momentum": -1.0}), ("SGD", {"nesterov": True}),
    ("SGD", {"weight_decay": -2}), ("SGD", {"wd": 2}), ("Adam", {"betas": (1.0, 0.9)}), ("Adam", {"betas": (0.9, -0.5)}),
    ("Adam", {"eps": -1}), ("Adam", {"fused": True, "foreach": True}), ("AdamW", {"decoupled_weight_decay": False}),
    ("Rprop", {"etas": (1.5, 2)}), ("Adadelta", {"rho": 2}), ("Adagrad", {"lr_decay": -1}), ("NAdam", {"momentum_decay": -1}),
    ("RMSprop", {"alpha": -0.5}), ("ASGD", {"weight_decay": -1}), ("Adam", {"capturable": True}), ("RAdam", {"differentiable": True}),
    ("Adam", {"betas": (1, 0.9)}), ("AdamW", {"betas": (0, 0.9)}), ("NAdam", {"betas": (0.5, 2)}), ("RAdam", {"betas": (-0.5, 0.9)}),
]

# Class, arguments, keywords, learning rate, steps.
SCHEDULERS = [
    ("StepLR", [3], {}, 0.1), ("StepLR", [2, 0.5], {}, 1.0), ("StepLR", [], {"step_size": 4, "gamma": 0.9}, 0.3),
    ("MultiStepLR", [[2, 5, 5, 9]], {}, 0.1), ("MultiStepLR", [[3, 20], 0.3], {}, 0.7), ("MultiStepLR", [[30]], {"gamma": 0.5}, 1e-3),
    ("ConstantLR", [], {}, 0.1), ("ConstantLR", [0.25, 7], {}, 0.3), ("ConstantLR", [], {"factor": 1.0}, 0.3),
    ("LinearLR", [], {}, 0.1), ("LinearLR", [0.1, 0.7, 12], {}, 0.3), ("LinearLR", [1.0], {"end_factor": 0.0, "total_iters": 25}, 0.02),
    ("ExponentialLR", [0.9], {}, 0.1), ("ExponentialLR", [0.5], {}, 1.0), ("ExponentialLR", [1.1], {}, 1e-4),
    ("CosineAnnealingLR", [10], {}, 0.1), ("CosineAnnealingLR", [7, 0.01], {}, 0.3), ("CosineAnnealingLR", [30], {"eta_min": 1e-5}, 1e-3),
    ("CosineAnnealingLR", [61], {"eta_min": 0.0}, 1), ("CosineAnnealingLR", [29], {}, 0.05),
    ("CosineAnnealingWarmRestarts", [5], {}, 0.1), ("CosineAnnealingWarmRestarts", [3, 2], {"eta_min": 0.01}, 0.3),
    ("PolynomialLR", [], {}, 0.1), ("PolynomialLR", [20, 2.0], {}, 0.3), ("PolynomialLR", [13], {"power": 0.9}, 0.05),
    ("PolynomialLR", [6, 2.0], {}, 1), ("PolynomialLR", [28, 0.9], {}, 0.7), ("PolynomialLR", [65, 3.4], {}, 1.0),
    ("CyclicLR", [0.01, 0.1], {"step_size_up": 4}, 0.5), ("CyclicLR", [0.01, 0.1, 3, 5], {"mode": "triangular2"}, 0.5),
    ("CyclicLR", [0.001, 0.1], {"step_size_up": 5, "mode": "exp_range", "gamma": 0.95, "base_momentum": 0.7, "max_momentum": 0.99}, 0.5),
    ("CyclicLR", [0.001, 0.1], {"step_size_up": 6, "cycle_momentum": False}, 0.5),
    ("OneCycleLR", [0.1], {"total_steps": 30}, 0.5), ("OneCycleLR", [0.1, 30], {"anneal_strategy": "linear", "three_phase": True}, 0.5),
    ("OneCycleLR", [0.3], {"epochs": 6, "steps_per_epoch": 5, "pct_start": 0.1, "div_factor": 10.0, "final_div_factor": 100.0, "cycle_momentum": False}, 0.5),
    ("OneCycleLR", [], {"max_lr": 1.0, "total_steps": 30, "base_momentum": 0.8, "max_momentum": 0.9}, 0.5),
]

METRICS = [3.0, 2.0, 2.5, 2.5, 1.9, 1.95, 1.95, 1.95, 1.95, 1.0, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0.2, 0.3, 0.4, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
PLATEAUS = [
    ({"patience": 2}, 0.1), ({"mode": "max", "factor": 0.5, "patience": 1, "cooldown": 2}, 0.3),
    ({"threshold": 0.5, "threshold_mode": "abs", "patience": 0, "min_lr": 0.01}, 0.3), ({"eps": 0.01, "patience": 1}, 0.05),
]

COMPOSED = [
    {"cls": "SequentialLR", "schedulers": [{"cls": "ConstantLR", "args": [0.1, 2]}, {"cls": "ExponentialLR", "args": [0.9]}], "milestones": [2]},
    {"cls": "SequentialLR", "schedulers": [{"cls": "LinearLR", "kw": {"total_iters": 5}}, {"cls": "CosineAnnealingLR", "args": [20]}, {"cls": "StepLR", "args": [2]}], "milestones": [5, 20]},
    {"cls": "ChainedScheduler", "schedulers": [{"cls": "ConstantLR", "args": [0.1, 4]}, {"cls": "ExponentialLR", "args": [0.9]}]},
    {"cls": "ChainedScheduler", "schedulers": [{"cls": "StepLR", "args": [4, 0.5]}, {"cls": "MultiStepLR", "args": [[3, 6]]}]},
    {"cls": "ChainedScheduler", "schedulers": [{"cls": "CosineAnnealingLR", "args": [22]}, {"cls": "ExponentialLR", "args": [0.97]}, {"cls": "PolynomialLR", "args": [31, 0.7]}]},
    {"cls": "ChainedScheduler", "schedulers": [{"cls": "SequentialLR", "schedulers": [{"cls": "LinearLR"}, {"cls": "ExponentialLR", "args": [0.8]}], "milestones": [6]}, {"cls": "StepLR", "args": [7, 0.5]}]},
    {"cls": "SequentialLR", "schedulers": [{"cls": "ChainedScheduler", "schedulers": [{"cls": "ConstantLR"}, {"cls": "LinearLR", "kw": {"total_iters": 8}}]}, {"cls": "CosineAnnealingWarmRestarts", "args": [4, 2]}], "milestones": [9]},
]

SCHEDULER_ERRORS = [
    ("ConstantLR", [2.0], {}), ("LinearLR", [0.0], {}), ("LinearLR", [], {"end_factor": 2.0}), ("CosineAnnealingWarmRestarts", [0], {}),
    ("CosineAnnealingWarmRestarts", [2, 0], {}), ("CyclicLR", [0.1, 0.2], {"mode": "round"}), ("OneCycleLR", [0.1], {}),
    ("OneCycleLR", [0.1, -5], {}), ("OneCycleLR", [0.1, 5], {"pct_start": 2.0}), ("OneCycleLR", [0.1, 5], {"anneal_strategy": "no"}),
    ("ReduceLROnPlateau", [], {"factor": 1.5}), ("ReduceLROnPlateau", ["up"], {}), ("ReduceLROnPlateau", [], {"threshold_mode": "x"}),
    ("OneCycleLR", [0.1, 3], {}), ("StepLR", [2], {"last_epoch": 3}),
    ("CyclicLR", [[0.1, 0.2], 0.3], {}),
]
