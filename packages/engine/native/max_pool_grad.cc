#include "max_pool_grad.h"

#include <stddef.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "vector_units.h"

VECTOR_UNITS
void max_pool_grad(const PoolGeometry& pool, const float* dy, const float* x, const float* y, float* dx) {
  const int channels = pool.channels;
  // For each channel, whether the window's dy is not given away yet.
  std::vector<int> is_open_of(channels);
  int* const __restrict is_open = is_open_of.data();
  memset(dx, 0, sizeof(float) * pool.batch * pool.in_height * pool.in_width * channels);
  for (int batch = 0; batch < pool.batch; batch++) {
    for (int out_y = 0; out_y < pool.out_height; out_y++) {
      const int top = out_y * pool.stride_height - pool.pad_top;
      const int y_start = std::max(0, top), y_end = std::min(pool.in_height, top + pool.filter_height);
      for (int out_x = 0; out_x < pool.out_width; out_x++, dy += channels, y += channels) {
        const int left = out_x * pool.stride_width - pool.pad_left;
        const int x_start = std::max(0, left), x_end = std::min(pool.in_width, left + pool.filter_width);
        for (int c = 0; c < channels; c++) is_open[c] = 1;
        for (int in_y = y_start; in_y < y_end; in_y++) {
          for (int in_x = x_start; in_x < x_end; in_x++) {
            const size_t offset =
                ((static_cast<size_t>(batch) * pool.in_height + in_y) * pool.in_width + in_x) * channels;
            const float* const __restrict values = x + offset;
            const float* const __restrict greatest = y;
            const float* const __restrict given = dy;
            float* const __restrict gradients = dx + offset;
            // No branches: neighbours in memory are taken together.
            for (int c = 0; c < channels; c++) {
              const bool is_here = (values[c] == greatest[c]) & (is_open[c] != 0);
              gradients[c] += is_here ? given[c] : 0.0f;
              is_open[c] = is_here ? 0 : is_open[c];
            }
          }
        }
      }
    }
  }
}
