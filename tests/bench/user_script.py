# SPDX-License-Identifier: MIT
"""What a user would write: load, F.normalize, numpy.save. usage: user_script.py IN.pt OUT.npy"""
import sys

import numpy
import torch

x = torch.load(sys.argv[1], map_location="cpu")
numpy.save(sys.argv[2], torch.nn.functional.normalize(x, dim=-1).numpy())
