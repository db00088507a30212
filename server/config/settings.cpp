#include "server/config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

#include "common/units.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};

constexpr std::array<Choice<Level>, 8> kLevels{{{"trace", Level::trace},
                                                {"debug", Level::debug},
                                                {"info", Level::info},
                                                {"warning", Level::warn},
                                                {"warn", Level::warn},
                                                {"error", Level::err},
                                                {"critical", Level::critical},
                                                {"off", Level::off}}};
constexpr std::array<Choice<LogFormat>, 2> kFormats{
    {{"text", LogFormat::text}, {"json", LogFormat::json}}};
constexpr std::array<Choice<bool>, 2> kYesOrNo{{{"true", true}, {"false", false}}};
constexpr std::array<Choice<WhenFull>, 2> kWhenFull{
    {{"reject", WhenFull::reject}, {"wait", WhenFull::wait}}};

// The kinds of values: each binds one member.

Setting duration(std::string names, nanoseconds& value, std::string what) {
  return {.names = std::move(names),
          .type = "DURATION",
          .what = std::move(what),
          .add = [&value](const std::string& text) { value = parse_duration(text); },
          .text = [&value] { return duration_text(value); }};
}

// At least `lowest` and at most what the member can hold.
template <typename Number>
Setting count(std::string names, Number& value, std::uint64_t lowest, std::string what) {
  const auto add = [&value, lowest](const std::string& text) {
    constexpr auto kHighest = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
    const std::uint64_t number = parse_count(text);
    if (number < lowest || number > kHighest) {
      throw std::invalid_argument(
          fmt::format("'{}' is not a number from {} to {}", text, lowest, kHighest));
    }
    value = static_cast<Number>(number);
  };
  return {.names = std::move(names),
          .type = "N",
          .what = std::move(what),
          .add = add,
          .text = [&value] { return std::to_string(value); }};
}

Setting name_of(std::string type, std::string names, std::string& value, std::string what) {
  const auto add = [&value, of = type == "FILE" ? "file" : "user"](const std::string& text) {
    if (text.empty()) throw std::invalid_argument(fmt::format("'' is not the name of a {}", of));
    value = text;
  };
  return {.names = std::move(names),
          .type = std::move(type),
          .what = std::move(what),
          .add = add,
          .text = [&value] { return value; }};
}

Setting file(std::string names, std::string& value, std::string what) {
  return name_of("FILE", std::move(names), value, std::move(what));
}

template <typename Value, std::size_t size>
Setting choice(std::string names, Value& value, const std::array<Choice<Value>, size>& choices,
               std::string type, std::string what) {
  const auto add = [&value, &choices](const std::string& text) {
    const auto found = std::ranges::find(choices, text, &Choice<Value>::name);
    if (found != choices.end()) {
      value = found->value;
      return;
    }
    std::vector<std::string_view> known;
    for (const auto& each : choices) known.push_back(each.name);
    throw std::invalid_argument(fmt::format("'{}' is not one of {}", text, fmt::join(known, ", ")));
  };
  const auto text = [&value, &choices] {
    return std::string(std::ranges::find(choices, value, &Choice<Value>::value)->name);
  };
  return {.names = std::move(names),
          .type = std::move(type),
          .what = std::move(what),
          .add = add,
          .text = text};
}

Setting address(std::string names, std::optional<Address>& value, std::string what) {
  return {.names = std::move(names),
          .type = "ADDRESS",
          .what = std::move(what),
          .add = [&value](const std::string& text) { value = Address::parse(text); },
          .text = [&value] { return value ? value->text() : ""; }};
}

// Of values that have parse() and text(), such as Address. Together they replace those before.
template <typename Value>
Setting list(std::string names, std::vector<Value>& values, std::string type, std::string what) {
  const auto text = [&values] {
    std::vector<std::string> texts;
    for (const Value& value : values) texts.push_back(value.text());
    return fmt::format("{}", fmt::join(texts, ", "));
  };
  return {.names = std::move(names),
          .type = std::move(type),
          .what = std::move(what) + "; may be given again",
          .add = [&values](const std::string& one) { values.push_back(Value::parse(one)); },
          .text = text,
          .clear = [&values] { values.clear(); }};
}

Setting flag(std::string names, bool& value, std::string what) {
  Setting setting = choice(std::move(names), value, kYesOrNo, "", std::move(what));
  setting.is_flag = true;
  return setting;
}

// Logging goes deepest: it formats into buffers on the stack, 16 KiB in all. Only pages that are
// used cost memory.
Setting stack_size(std::string names, std::size_t& value) {
  constexpr std::size_t kLowest = std::size_t{32} * 1024;
  constexpr std::size_t kHighest = std::size_t{1} << 30;
  return {
      .names = std::move(names),
      .type = "SIZE",
      .what = "size of a worker's stack",
      .add =
          [&value](const std::string& text) {
            const std::uint64_t size = parse_size(text);
            if (size < kLowest || size > kHighest) {
              throw std::invalid_argument(fmt::format("'{}' is not a size from 32k to 1G", text));
            }
            value = size;
          },
      .text = [&value] { return fmt::format("{}k", value / 1024); }};
}

Setting listen(Options& options) {
  Setting setting = list("-l,--listen", options.listen, "ADDRESS", "where to listen");
  setting.clear = [&options] {
    options.listen.clear();
    options.listen_given = true;
  };
  return setting;
}

Setting at_start(Setting setting) {
  setting.reloadable = false;
  return setting;
}

}  // namespace

std::vector<Setting> settings_of(Options& options) {
  return {
      at_start(listen(options)),
      at_start(
          file("--port-file", options.port_file, "gets the addresses really bound, one a line")),
      at_start(count("--backlog", options.backlog, 1, "connections that may wait to be accepted")),
      count("-m,--max-connections", options.admission.max_connections, 1,
            "connections at once; lowered where descriptors or threads don't reach"),
      count("--max-per-address", options.admission.max_per_address, 0,
            "connections at once of an IPv4 address or IPv6 /64; 0 is off"),
      choice("--when-full", options.admission.when_full, kWhenFull, "MODE",
             "reject: close a new client at once; wait: leave it in the backlog"),
      list("--allow", options.admission.allow, "CIDR",
           "let in this block of addresses, not the rest"),
      list("--deny", options.admission.deny, "CIDR",
           "keep out this block; the most specific block decides"),
      duration("-i,--idle-timeout", options.idle_timeout,
               "close a client when no byte flows either way for so long"),
      duration("--write-timeout", options.write_timeout,
               "reset a client that takes none of its bytes for so long"),
      duration("--max-lifetime", options.max_lifetime, "close a client so long after it connected"),
      duration("--heartbeat", options.heartbeat, "beat of the \"Waiting for client\" lines"),
      duration("--drain-timeout", options.drain_timeout,
               "how long clients may finish after a signal to stop"),
      duration("--spin", options.spin,
               "how long a worker tries to receive before it blocks, where that pays"),
      at_start(stack_size("--stack-size", options.stack_size)),
      at_start(address("--metrics", options.metrics,
                       "where to answer /metrics, for Prometheus, and /healthz and /readyz")),
      choice("--log-level", options.log.level, kLevels, "LEVEL",
             "trace, debug, info, warning, error, critical or off"),
      choice("--log-format", options.log.format, kFormats, "FORMAT", "text or json"),
      file("--log-file", options.log.file, "append the log to this file, not to standard error"),
      at_start(flag("-D,--daemon", options.daemon, "go to the background once it listens")),
      at_start(file("--pid-file", options.pid_file,
                    "gets the process id, and is locked while the server runs")),
      at_start(name_of("NAME", "--user", options.user,
                       "after it has bound its addresses go on as this user, for good")),
  };
}

std::string_view Setting::key() const {
  return std::string_view(names).substr(names.find("--") + 2);
}

void Setting::read(const std::vector<std::string>& values) const {
  if (clear) {
    clear();
  } else if (values.size() > 1) {
    throw std::invalid_argument(
        fmt::format("takes one value, not {} ('{}')", values.size(), fmt::join(values, "', '")));
  }
  for (const std::string& value : values) add(value);
}

std::vector<std::string> not_reloadable(Options wanted, Options running) {
  const auto new_settings = settings_of(wanted);
  const auto old_settings = settings_of(running);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < new_settings.size(); ++i) {
    const Setting& setting = new_settings[i];
    if (!setting.reloadable && setting.text() != old_settings[i].text()) {
      result.emplace_back(setting.key());
    }
  }
  return result;
}

}  // namespace echo
