"""A character-level GPT in plain PyTorch: `model, characters = load()`. Parameters have tinygpt's names and shapes."""
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F
