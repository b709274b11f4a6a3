// One `import TinyGPT` gives the whole library: tensors and gradients, layers, the model and its training.
@_exported import Autograd
@_exported import enum Kernels.WeightFormat
@_exported import Layers
