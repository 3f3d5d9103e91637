// An addon of its own. TensorFlow 2.21 prints two lines while its library loads, whatever TF_CPP_MIN_LOG_LEVEL says:
// its logging library (Abseil) shows everything until somebody initialises it. Nothing that runs after its loading can
// prevent that; so it is loaded from here, with standard error turned away meanwhile.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

// load(path): loads a shared library without a word of it. Whoever needs it afterwards finds it loaded. A failure is
// told by whoever needs it.
napi_value Load(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  size_t length = 0;
  if (count < 1 || napi_get_value_string_utf8(env, argument, nullptr, 0, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "Expected the path of a shared library.");
    return nullptr;
  }
  std::string path(length + 1, '\0');
  napi_get_value_string_utf8(env, argument, &path[0], path.size(), &length);

  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const bool is_away = kept >= 0 && nowhere >= 0 && dup2(nowhere, STDERR_FILENO) >= 0;
  dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  std::fflush(stderr);
  if (is_away) dup2(kept, STDERR_FILENO);
  if (kept >= 0) close(kept);
  if (nowhere >= 0) close(nowhere);
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value load;
  napi_create_function(env, "load", NAPI_AUTO_LENGTH, Load, nullptr, &load);
  napi_set_named_property(env, exports, "load", load);
  return exports;
}
