// Log lines about things that others named: whatever bytes a name has, a text is one line without a
// control character, and a JSON line is one object that gives the name back.
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/log_output.h"
#include "common/logging.h"
#include "tests/fuzz/expect.h"

namespace {

using echo::LogFormat;
using echo::testing::expect;
using nlohmann::json;

// Takes the place of the log's own queue and output, so that each line can be looked at.
class CapturedLog {
 public:
  CapturedLog() : file_(::memfd_create("log", MFD_CLOEXEC)) {
    auto output = std::make_shared<echo::LogOutput>(echo::Descriptor(::dup(file_)));
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("fuzz", std::move(output)));
  }

  std::string line(LogFormat format, const std::string& name, double number) {
    logging_.reconfigure({.level = echo::Level::info, .format = format, .file = "/dev/null"});
    echo::log_event(echo::Level::info, "fuzz", "name {name}, number {number:.3f}",
                    {{"name", name}, {"number", number}});
    std::string result(static_cast<std::size_t>(::lseek(file_, 0, SEEK_CUR)), '\0');
    expect(::pread(file_, result.data(), result.size(), 0) == static_cast<ssize_t>(result.size()));
    expect(::ftruncate(file_, 0) == 0 && ::lseek(file_, 0, SEEK_SET) == 0);
    return result;
  }

 private:
  echo::Logging logging_{
      {.level = echo::Level::info, .format = LogFormat::text, .file = "/dev/null"}};
  int file_;
};

bool is_one_line(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  return text.ends_with('\n') && std::ranges::count_if(text, is_control) == 1;
}

// Whether the bytes are UTF-8, of which alone JSON strings consist.
bool is_utf8(const std::string& text) {
  return json::accept(json(text).dump(-1, ' ', false, json::error_handler_t::ignore)) &&
         json(text).dump(-1, ' ', false, json::error_handler_t::ignore) ==
             json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static CapturedLog log;
  double number = 0;
  std::memcpy(&number, data, std::min(size, sizeof number));
  const std::string name(reinterpret_cast<const char*>(data), size);

  const std::string text = log.line(LogFormat::text, name, number);
  expect(is_one_line(text));
  expect(text.find('\x7f') == text.npos);
  expect(text.find("] name ") != text.npos);

  const std::string object = log.line(LogFormat::json, name, number);
  expect(is_one_line(object));
  const json parsed = json::parse(object, nullptr, false);
  expect(parsed.is_object() && parsed.size() == 6 && parsed["event"] == "fuzz");
  if (is_utf8(name)) expect(parsed["name"] == name);
  return 0;
}
