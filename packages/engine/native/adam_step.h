// One step of Adam, operation by operation as tf.train.adam takes it, so that the results are the same bits: compiled without
// fused multiply-add.

#include <stddef.h>

struct AdamConstants {
  float beta1;
  float one_minus_beta1;
  float beta2;
  float one_minus_beta2;
  // 1 - beta1 to the power of the step, and the same of beta2.
  float correction1;
  float correction2;
  float epsilon;
  float minus_learning_rate;
};

// Each result may be written over its own input, and over no other.
void adam_step(const AdamConstants& adam, size_t size, const float* value, const float* gradient, const float* first,
               const float* second, float* new_value, float* new_first, float* new_second);
