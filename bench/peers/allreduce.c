/* All-reduce of float32 with an MPI in C, timed as peers/allreduce.ts times ours.

       mpicc -O3 bench/peers/allreduce.c -o allreduce && mpirun -n 4 ./allreduce 4:50:101 100000000:2:5
*/
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int rank, ranks;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  for (int size = 1; size < argc; size++) {
    int bytes, warmUps, runs;
    if (sscanf(argv[size], "%d:%d:%d", &bytes, &warmUps, &runs) != 3)
      MPI_Abort(MPI_COMM_WORLD, 2);
    const int length = bytes / 4;
    float *x = malloc(bytes);
    double *times = malloc(runs * sizeof *times);
    for (int run = -warmUps; run < runs; run++) {
      for (int i = 0; i < length; i++) x[i] = 1;
      MPI_Barrier(MPI_COMM_WORLD);
      const double start = MPI_Wtime();
      MPI_Allreduce(MPI_IN_PLACE, x, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      if (run >= 0) times[run] = (MPI_Wtime() - start) * 1e3;
      if (x[length - 1] != ranks) MPI_Abort(MPI_COMM_WORLD, 1);
    }
    MPI_Allreduce(MPI_IN_PLACE, times, runs, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    qsort(times, runs, sizeof *times, ascending);
    if (rank == 0)
      printf("{\"bytes\": %d, \"buffers\": \"ordinary\", \"medianMs\": %.6f}\n", bytes, times[runs / 2]);
    free(x);
    free(times);
  }
  MPI_Finalize();
}
