#include "is_finite.h"

#include <stdint.h>
#include <string.h>

#include "vector_units.h"

// All bits of the exponent are set in those that are not finite, and in no others.
VECTOR_UNITS
bool is_finite(const float* values, size_t size) {
  const uint32_t exponent = 0x7f800000;
  uint32_t found = 0;
  for (size_t i = 0; i < size; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    found |= (bits & exponent) == exponent;
  }
  return found == 0;
}
