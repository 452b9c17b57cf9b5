// tfjs_binding.node: loads the binding proper, libtfjs.so, with what TensorFlow's libraries print while they are loaded held back
// as TF_CPP_MIN_LOG_LEVEL says. They print before anybody can tell them not to: from static initializers, with a logger that is not
// set up yet. Everything that is held back for no reason of level goes to stderr afterwards. Then adds what tsmpi needs besides.

#include <dlfcn.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <string>

namespace {

// "I0000 00:00:…" is absl's line; levels as TensorFlow counts them: I 0, W 1, E 2, F 3.
bool IsHeldBack(const std::string& line, int level) {
  if (level < 1) return false;
  if (line.find("WARNING: All log messages before absl::InitializeLog()") == 0) {
    return true;
  }
  const size_t severity = line.empty() ? std::string::npos : std::string("IWEF").find(line[0]);
  return severity != std::string::npos && static_cast<int>(severity) < level &&
         line.size() > 6 && line.find_first_not_of("0123456789", 1) == 5 && line[5] == ' ';
}

int LogLevel() {
  const char* level = getenv("TF_CPP_MIN_LOG_LEVEL");
  return level == nullptr ? 0 : atoi(level);
}

// Runs `body` with stderr going to a file that has no name, then hands on what is not held back.
template <typename Body>
void WithQuietStderr(const Body& body) {
  char path[] = "/tmp/tsmpi-stderr-XXXXXX";
  const int level = LogLevel();
  const int held = level < 1 ? -1 : mkstemp(path);
  const int before = held < 0 ? -1 : dup(2);
  if (held >= 0) unlink(path);
  if (before < 0) {
    if (held >= 0) close(held);
    body();
    return;
  }
  dup2(held, 2);
  body();
  dup2(before, 2);
  close(before);

  std::string text;
  char chunk[4096];
  lseek(held, 0, SEEK_SET);
  for (ssize_t n; (n = read(held, chunk, sizeof chunk)) > 0;) text.append(chunk, n);
  close(held);
  for (size_t start = 0; start < text.size();) {
    size_t end = text.find('\n', start);
    end = end == std::string::npos ? text.size() : end + 1;
    const std::string line = text.substr(start, end - start);
    if (!IsHeldBack(line, level)) {
      const ssize_t written = write(2, line.data(), line.size());
      (void)written;
    }
    start = end;
  }
}

std::string BesideThisFile(const char* name) {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&BesideThisFile), &info) == 0) return name;
  const std::string file(info.dli_fname);
  return file.substr(0, file.rfind('/') + 1) + name;
}

}  // namespace

NAPI_MODULE_INIT() {
  using Init = napi_value (*)(napi_env, napi_value);
  using Extend = void (*)(napi_env, napi_value);
  Init init = nullptr;
  Extend extend = nullptr;
  std::string problem;
  WithQuietStderr([&] {
    void* library = dlopen(BesideThisFile("libtfjs.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) {
      init = reinterpret_cast<Init>(dlsym(library, "napi_register_module_v1"));
      extend = reinterpret_cast<Extend>(dlsym(library, "tsmpi_extend"));
    }
    if (init == nullptr || extend == nullptr) {
      const char* reason = dlerror();
      problem = reason == nullptr ? "libtfjs.so is no addon" : reason;
    }
  });
  if (init == nullptr) {
    napi_throw_error(env, nullptr, problem.c_str());
    return nullptr;
  }
  const napi_value binding = init(env, exports);
  if (binding != nullptr) extend(env, binding);
  return binding;
}
