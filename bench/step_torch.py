"""One training step of two small models under PyTorch DistributedDataParallel (Gloo), the peer for our data-parallel step.

    python3 step_torch.py                                                # one process
    OMP_NUM_THREADS=1 python3 -m torch.distributed.run --nproc-per-node 2 step_torch.py ddp

Models: mlp 784-512-256-10; cnn conv32-3x3, pool, conv64-3x3, pool, dense128, dense10 on 28x28x1. Batch 64 a rank, Adam 1e-3.
"""
import json, sys, time
import torch, torch.nn as nn, torch.nn.functional as F, torch.distributed as dist

torch.set_num_threads(1)
ddp = "ddp" in sys.argv
if ddp:
    dist.init_process_group("gloo")
models = {
    "mlp": (lambda: nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)), (784,), 300),
    "cnn": (lambda: nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                                  nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)), (1, 28, 28), 60),
}
for name, (build, shape, steps) in models.items():
    model = build()
    if ddp:
        model = nn.parallel.DistributedDataParallel(model)
    x, y = torch.randn(64, *shape), torch.randint(0, 10, (64,))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    def step():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    for _ in range(20):
        step()
    t = time.perf_counter()
    for _ in range(steps):
        step()
    ms = (time.perf_counter() - t) / steps * 1e3
    if not ddp or dist.get_rank() == 0:
        n = dist.get_world_size() if ddp else 1
        print(json.dumps({"peer": "torch-ddp" if ddp else "torch", "model": name, "ranks": n, "msPerStep": round(ms, 3),
                          "samplesPerS": round(64 * n / ms * 1e3)}), flush=True)
if ddp:
    dist.destroy_process_group()
