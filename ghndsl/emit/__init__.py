"""A graph goes in; a torch module, an ONNX model, the results of a run or first weights come out: one function each.

Each lives in a module of its own, which loads torch or onnx: `run`, `initial`, `module`, `onnx`.
"""
