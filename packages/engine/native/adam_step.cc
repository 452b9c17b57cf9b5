#include "adam_step.h"

#include <math.h>

#include "vector_units.h"

VECTOR_UNITS
void adam_step(const AdamConstants& adam, size_t size, const float* __restrict value, const float* __restrict gradient,
               const float* __restrict first, const float* __restrict second, float* __restrict new_value,
               float* __restrict new_first, float* __restrict new_second) {
  const AdamConstants c = adam;
  for (size_t i = 0; i < size; i++) {
    const float g = gradient[i];
    const float m = first[i] * c.beta1 + g * c.one_minus_beta1;
    const float v = second[i] * c.beta2 + g * g * c.one_minus_beta2;
    new_first[i] = m;
    new_second[i] = v;
    new_value[i] = m / c.correction1 / (sqrtf(v / c.correction2) + c.epsilon) * c.minus_learning_rate + value[i];
  }
}
