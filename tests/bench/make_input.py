# SPDX-License-Identifier: MIT
"""A .pt of ROWS x COLUMNS float32 by torch.save. usage: make_input.py ROWS COLUMNS OUT.pt"""
import sys

import torch

torch.manual_seed(13)
torch.save(torch.empty(int(sys.argv[1]), int(sys.argv[2])).uniform_(-0.4, 0.4), sys.argv[3])
