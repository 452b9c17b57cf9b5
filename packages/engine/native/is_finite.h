#include <stddef.h>

// Whether none of the values is NaN or an infinity.
bool is_finite(const float* values, size_t size);
