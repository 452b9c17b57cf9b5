// What tsmpi adds to tfjs-node's binding; compiled into the same library, called through the same exports. On the CPU only: a GPU's
// tensors are not in this process's memory.
//
//   isFinite(id)                         whether a float32 tensor holds neither NaN nor an infinity
//   tensorInto(id, target)               copies a float32 tensor into a Float32Array of the same length, without an array in between
//   tensorCopyOf(shape, source)          a new float32 tensor with a copy of a Float32Array, which the caller may go on using
//   reshaped(id, shape)                  the same float32 values in another shape, without a copy
//   adamSteps(ids, gradients, constants, reusable)
//                                        one step of Adam on several weights, in one pass each, in place where nobody sees it
//   maxPoolGrad(ids, geometry)           the gradient of max pooling; TensorFlow's own kernel takes five times as long
//
// Errors are JavaScript exceptions.

// The table of tensors is private to the class; it is the one thing that is needed of it.
#include <memory>
#include <string>
#include <unordered_map>
#define private public
#include "tfjs_backend.h"
#undef private

#include <math.h>
#include <string.h>

#include <vector>

#include "adam_step.h"
#include "is_finite.h"
#include "max_pool_grad.h"

namespace {

using tfnodejs::TFJSBackend;

struct Status {
  TF_Status* status = TF_NewStatus();
  ~Status() { TF_DeleteStatus(status); }
};

struct Tensor {
  TF_Tensor* tensor = nullptr;
  ~Tensor() {
    if (tensor != nullptr) TF_DeleteTensor(tensor);
  }
  float* data() const { return static_cast<float*>(TF_TensorData(tensor)); }
  size_t size() const { return TF_TensorByteSize(tensor) / sizeof(float); }
};

bool Fail(napi_env env, const char* message) {
  napi_throw_error(env, nullptr, message);
  return false;
}

TFJSBackend* BackendOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<TFJSBackend*>(data);
}

// A float32 tensor by its id; shares its memory.
bool Resolve(napi_env env, TFJSBackend* backend, int32_t id, Tensor* result) {
  const auto entry = backend->tfe_handle_map_.find(id);
  if (entry == backend->tfe_handle_map_.end()) return Fail(env, "there is no tensor of this id");
  Status status;
  result->tensor = TFE_TensorHandleResolve(entry->second, status.status);
  if (TF_GetCode(status.status) != TF_OK) return Fail(env, TF_Message(status.status));
  if (TF_TensorType(result->tensor) != TF_FLOAT) return Fail(env, "the tensor is not float32");
  return true;
}

bool IdOf(napi_env env, napi_value value, int32_t* id) {
  return napi_get_value_int32(env, value, id) == napi_ok || Fail(env, "an id is wanted");
}

bool FloatsOf(napi_env env, napi_value value, float** data, size_t* length) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, length, reinterpret_cast<void**>(data), nullptr, nullptr) != napi_ok ||
      type != napi_float32_array) {
    return Fail(env, "a Float32Array is wanted");
  }
  return true;
}

bool Int32sOf(napi_env env, napi_value value, int32_t** data, size_t* length) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, length, reinterpret_cast<void**>(data), nullptr, nullptr) != napi_ok ||
      type != napi_int32_array) {
    return Fail(env, "an Int32Array is wanted");
  }
  return true;
}

void AllocateLike(const Tensor& like, Tensor* result) {
  const int rank = TF_NumDims(like.tensor);
  std::vector<int64_t> dims(rank);
  for (int i = 0; i < rank; i++) dims[i] = TF_Dim(like.tensor, i);
  result->tensor = TF_AllocateTensor(TF_FLOAT, dims.data(), rank, like.size() * sizeof(float));
}

// From now on the tensor is known by the id, which is returned; null: an exception is thrown.
napi_value NewId(napi_env env, TFJSBackend* backend, const Tensor& tensor) {
  Status status;
  TFE_TensorHandle* handle = TFE_NewTensorHandle(tensor.tensor, status.status);
  if (TF_GetCode(status.status) != TF_OK) {
    Fail(env, TF_Message(status.status));
    return nullptr;
  }
  napi_value id;
  napi_create_int32(env, backend->InsertHandle(handle), &id);
  return id;
}

template <size_t N>
bool ArgumentsOf(napi_env env, napi_callback_info info, napi_value (&values)[N]) {
  size_t count = N;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  return count == N || Fail(env, "there are arguments missing");
}

napi_value IsFinite(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int32_t id;
  Tensor tensor;
  if (!ArgumentsOf(env, info, values) || !IdOf(env, values[0], &id)) return nullptr;
  if (!Resolve(env, BackendOf(env), id, &tensor)) return nullptr;
  napi_value result;
  napi_get_boolean(env, is_finite(tensor.data(), tensor.size()), &result);
  return result;
}

napi_value TensorInto(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int32_t id;
  float* target;
  size_t length;
  Tensor tensor;
  if (!ArgumentsOf(env, info, values)) return nullptr;
  if (!IdOf(env, values[0], &id)) return nullptr;
  if (!FloatsOf(env, values[1], &target, &length) || !Resolve(env, BackendOf(env), id, &tensor)) return nullptr;
  if (tensor.size() != length) {
    Fail(env, "tensor and array differ in length");
    return nullptr;
  }
  memcpy(target, tensor.data(), length * sizeof(float));
  return nullptr;
}

napi_value TensorCopyOf(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int32_t* shape;
  float* source;
  size_t rank, length;
  if (!ArgumentsOf(env, info, values) || !Int32sOf(env, values[0], &shape, &rank) ||
      !FloatsOf(env, values[1], &source, &length)) {
    return nullptr;
  }
  std::vector<int64_t> dims(shape, shape + rank);
  size_t size = 1;
  for (const int64_t dim : dims) size *= static_cast<size_t>(dim);
  if (size != length) {
    Fail(env, "shape and array differ in length");
    return nullptr;
  }
  Tensor tensor;
  tensor.tensor = TF_AllocateTensor(TF_FLOAT, dims.data(), static_cast<int>(rank), length * sizeof(float));
  memcpy(tensor.data(), source, length * sizeof(float));
  return NewId(env, BackendOf(env), tensor);
}

napi_value Reshaped(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int32_t id;
  int32_t* shape;
  size_t rank;
  Tensor tensor, result;
  if (!ArgumentsOf(env, info, values)) return nullptr;
  if (!IdOf(env, values[0], &id)) return nullptr;
  if (!Int32sOf(env, values[1], &shape, &rank) || !Resolve(env, BackendOf(env), id, &tensor)) return nullptr;
  const std::vector<int64_t> dims(shape, shape + rank);
  result.tensor = TF_AllocateTensor(TF_FLOAT, nullptr, 0, sizeof(float));
  Status status;
  // It refuses another number of elements.
  TF_TensorBitcastFrom(tensor.tensor, TF_FLOAT, result.tensor, dims.data(), static_cast<int>(rank), status.status);
  if (TF_GetCode(status.status) != TF_OK) {
    Fail(env, TF_Message(status.status));
    return nullptr;
  }
  return NewId(env, BackendOf(env), result);
}

// A tensor whose values are about to change: what it holds, and where the new values go.
struct Changing {
  Tensor input;
  // Memory of its own for the new values; none: they go where the old ones are.
  Tensor fresh;
  float* target() const { return (fresh.tensor == nullptr ? input : fresh).data(); }
};

// From now on the id stands for this tensor, and no longer for its old one.
bool Rename(napi_env env, TFJSBackend* backend, int32_t id, const Tensor& tensor) {
  TFE_TensorHandle*& handle = backend->tfe_handle_map_.find(id)->second;
  TFE_DeleteTensorHandle(handle);
  Status status;
  handle = TFE_NewTensorHandle(tensor.tensor, status.status);
  if (TF_GetCode(status.status) == TF_OK) return true;
  backend->tfe_handle_map_.erase(id);
  return Fail(env, TF_Message(status.status));
}

// Finds memory for the new values: the tensor's own, if it is reusable and nothing else looks at it.
//
// TensorFlow hands memory over only if the last one to hold it asks, so the handle is let go meanwhile.
bool MakeRoom(napi_env env, TFJSBackend* backend, int32_t id, bool reusable, Changing* changing) {
  Tensor& input = changing->input;
  if (reusable) {
    TFE_TensorHandle*& handle = backend->tfe_handle_map_.find(id)->second;
    TFE_DeleteTensorHandle(handle);
    TF_Tensor* const moved = TF_TensorMaybeMove(input.tensor);
    if (moved != nullptr) input.tensor = moved;
    Status status;
    handle = TFE_NewTensorHandle(input.tensor, status.status);
    if (TF_GetCode(status.status) != TF_OK) {
      backend->tfe_handle_map_.erase(id);
      return Fail(env, TF_Message(status.status));
    }
    if (moved != nullptr) return true;
  }
  AllocateLike(input, &changing->fresh);
  return true;
}

// One weight of AdamSteps. gradient: an id, or a Float32Array.
bool StepWeight(napi_env env, TFJSBackend* backend, const AdamConstants& adam, const int32_t* ids, napi_value gradient,
                const int32_t* reusable) {
  napi_valuetype type;
  napi_typeof(env, gradient, &type);
  Tensor gradient_tensor;
  float* gradients = nullptr;
  size_t size = 0;
  if (type == napi_number) {
    int32_t id;
    if (!IdOf(env, gradient, &id) || !Resolve(env, backend, id, &gradient_tensor)) return false;
    gradients = gradient_tensor.data();
    size = gradient_tensor.size();
  } else if (!FloatsOf(env, gradient, &gradients, &size)) {
    return false;
  }
  Changing weight[3];
  for (int i = 0; i < 3; i++) {
    if (!Resolve(env, backend, ids[i], &weight[i].input)) return false;
    if (weight[i].input.size() != size) {
      return Fail(env, "a weight, its gradient and its moments differ in length");
    }
  }
  for (int i = 0; i < 3; i++) {
    if (!MakeRoom(env, backend, ids[i], reusable[i] != 0, &weight[i])) return false;
  }
  adam_step(adam, size, weight[0].input.data(), gradients, weight[1].input.data(), weight[2].input.data(),
            weight[0].target(), weight[1].target(), weight[2].target());
  for (int i = 0; i < 3; i++) {
    if (weight[i].fresh.tensor != nullptr && !Rename(env, backend, ids[i], weight[i].fresh)) return false;
  }
  return true;
}

// ids: value, first and second moment of each weight; from now on they stand for the new values. gradients: an array with the id of
// each gradient, or a Float32Array with its values. constants: an AdamConstants. reusable: by id, whether its memory may take the new
// values if nobody else holds it.
napi_value AdamSteps(napi_env env, napi_callback_info info) {
  napi_value values[4];
  int32_t *ids, *reusable;
  float* constants;
  size_t count, constant_count, reusable_count;
  uint32_t weights;
  if (!ArgumentsOf(env, info, values) || !Int32sOf(env, values[0], &ids, &count) ||
      !FloatsOf(env, values[2], &constants, &constant_count) ||
      !Int32sOf(env, values[3], &reusable, &reusable_count)) {
    return nullptr;
  }
  if (napi_get_array_length(env, values[1], &weights) != napi_ok || count != 3 * static_cast<size_t>(weights) ||
      reusable_count != count || constant_count != sizeof(AdamConstants) / sizeof(float)) {
    Fail(env, "adamSteps takes three ids, a gradient and three flags of each weight, and eight constants");
    return nullptr;
  }
  AdamConstants adam;
  memcpy(&adam, constants, sizeof adam);
  TFJSBackend* backend = BackendOf(env);
  for (uint32_t i = 0; i < weights; i++) {
    napi_value gradient;
    napi_get_element(env, values[1], i, &gradient);
    if (!StepWeight(env, backend, adam, ids + 3 * i, gradient, reusable + 3 * i)) return nullptr;
  }
  return nullptr;
}

// ids: dy, x and y. geometry: a PoolGeometry. Returns the id of dx.
napi_value MaxPoolGrad(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int32_t *ids, *numbers;
  size_t count, number_count;
  if (!ArgumentsOf(env, info, values) || !Int32sOf(env, values[0], &ids, &count) ||
      !Int32sOf(env, values[1], &numbers, &number_count)) {
    return nullptr;
  }
  if (count != 3 || number_count != sizeof(PoolGeometry) / sizeof(int)) {
    Fail(env, "maxPoolGrad takes three ids and twelve numbers");
    return nullptr;
  }
  PoolGeometry pool;
  memcpy(&pool, numbers, sizeof pool);
  const int strides = 8;
  for (int i = 0; i < 10; i++) {
    if (numbers[i] < (i < strides ? 0 : 1)) {
      Fail(env, "a dimension is negative, or a stride is less than 1");
      return nullptr;
    }
  }
  TFJSBackend* backend = BackendOf(env);
  Tensor dy, x, y, dx;
  if (!Resolve(env, backend, ids[0], &dy) || !Resolve(env, backend, ids[1], &x) || !Resolve(env, backend, ids[2], &y)) {
    return nullptr;
  }
  const size_t images = static_cast<size_t>(pool.batch) * pool.channels;
  if (x.size() != images * pool.in_height * pool.in_width || dy.size() != images * pool.out_height * pool.out_width ||
      y.size() != dy.size()) {
    Fail(env, "tensors and geometry differ");
    return nullptr;
  }
  AllocateLike(x, &dx);
  max_pool_grad(pool, dy.data(), x.data(), y.data(), dx.data());
  return NewId(env, backend, dx);
}

}  // namespace

// Called by the loader when tfjs-node's own exports are there.
extern "C" __attribute__((visibility("default"))) void tsmpi_extend(napi_env env, napi_value exports) {
  TFJSBackend* backend = BackendOf(env);
  if (backend == nullptr || backend->is_gpu_device) return;
  const napi_property_descriptor properties[] = {
      {"isFinite", nullptr, IsFinite, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"tensorInto", nullptr, TensorInto, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"tensorCopyOf", nullptr, TensorCopyOf, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"reshaped", nullptr, Reshaped, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"adamSteps", nullptr, AdamSteps, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"maxPoolGrad", nullptr, MaxPoolGrad, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
}
