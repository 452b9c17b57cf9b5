// The gradient of max pooling over [batch, height, width, channels]: each element of dy is added where its window has its maximum, at
// the first place if there are several, as TensorFlow's own kernel does; nowhere if the maximum is NaN or there is none.

struct PoolGeometry {
  int batch;
  int in_height;
  int in_width;
  int channels;
  int out_height;
  int out_width;
  int filter_height;
  int filter_width;
  int stride_height;
  int stride_width;
  int pad_top;
  int pad_left;
};

// y: the maxima. dx: of the shape of x; overwritten.
void max_pool_grad(const PoolGeometry& pool, const float* dy, const float* x, const float* y, float* dx);
