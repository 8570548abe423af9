canon plugins pt
