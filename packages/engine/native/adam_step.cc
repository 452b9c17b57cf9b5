#include "adam_step.h"

#include <math.h>

#include "vector_units.h"

VECTOR_UNITS
void adam_step(const AdamConstants& adam, size_t size, const float* value, const float* gradient, const float* first,
               const float* second, float* new_value, float* new_first, float* new_second) {
  const AdamConstants c = adam;
  // Two of the three quotients have a divisor that stays: times its reciprocal in double is as far from the exact quotient as 2^-52,
  // where two float32 have none so near to the middle between two others. Dividing units are what limits this loop.
  const double by_correction1 = 1.0 / c.correction1;
  const double by_correction2 = 1.0 / c.correction2;
  // A result written over its input is at the same place: no turn of the loop depends on another.
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
  for (size_t i = 0; i < size; i++) {
    const float g = gradient[i];
    const float m = first[i] * c.beta1 + g * c.one_minus_beta1;
    const float v = second[i] * c.beta2 + g * g * c.one_minus_beta2;
    const float mean = static_cast<float>(m * by_correction1);
    const float variance = static_cast<float>(v * by_correction2);
    const float w = mean / (sqrtf(variance) + c.epsilon) * c.minus_learning_rate + value[i];
    new_first[i] = m;
    new_second[i] = v;
    new_value[i] = w;
  }
}
