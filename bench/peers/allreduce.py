"""All-reduce of float32 with PyTorch's Gloo backend, timed as peers/allreduce.ts times ours.

    python3 -m torch.distributed.run --standalone --nproc-per-node 4 bench/peers/allreduce.py 4:50:101 100000000:2:5
"""
import json, sys, time
import torch, torch.distributed as dist

dist.init_process_group("gloo")
torch.set_num_threads(1)
rank, ranks = dist.get_rank(), dist.get_world_size()
for size in sys.argv[1:]:
    nbytes, warm_ups, runs = map(int, size.split(":"))
    x = torch.empty(nbytes // 4)
    times = torch.zeros(runs, dtype=torch.float64)
    for run in range(-warm_ups, runs):
        x.fill_(1)
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(x)
        if run >= 0:
            times[run] = (time.perf_counter() - start) * 1e3
        assert x[-1] == ranks, "the sum is wrong"
    dist.all_reduce(times, dist.ReduceOp.MAX)
    if rank == 0:
        print(json.dumps({"bytes": nbytes, "buffers": "ordinary", "medianMs": times.sort().values[runs // 2].item()}), flush=True)
dist.destroy_process_group()
