// A version of a function for each generation of vector units; which one runs is decided when the library is loaded.

#define VECTOR_UNITS
#if defined(__x86_64__) && defined(__linux__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#undef VECTOR_UNITS
#define VECTOR_UNITS __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
