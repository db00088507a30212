#include "client/command_line/find_rate_command.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "client/command_line/client_options.h"
#include "common/options/option_kinds.h"
#include "common/units.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr double kFinestPercent = 0.1;
constexpr double kCoarsestPercent = 50;

OptionSpec positive_rate_option(std::string names, std::optional<double>& rate, std::string help,
                                std::optional<double> initial) {
  OptionSpec option = option_of(
      std::move(names), "RATE", std::move(help),
      [&rate](const std::string& text) {
        rate = parse_rate(text);
        if (*rate > 0) return;
        throw std::invalid_argument(
            fmt::format("'{}' is not a rate greater than 0, such as 100 or 20k", text));
      },
      [&rate, initial] {
        const std::optional<double> value = rate ? rate : initial;
        return value ? fmt::format("{}", *value) : "";
      });
  return option;
}

double parse_precision(const std::string& text) {
  const std::string number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  double percent = 0;
  try {
    percent = parse_rate(number);
  } catch (const std::invalid_argument&) {
  }
  if (percent >= kFinestPercent && percent <= kCoarsestPercent) return percent / 100;
  throw std::invalid_argument(fmt::format("'{}' is not a percentage from {}% to {}%, such as 2%",
                                          text, kFinestPercent, kCoarsestPercent));
}

OptionSpec precision_option(std::optional<double>& precision) {
  OptionSpec option = option_of(
      "--precision", "PERCENT", "How close to the next rate that fails",
      [&precision](const std::string& text) { precision = parse_precision(text); },
      [&precision] { return fmt::format("{}%", 100 * precision.value_or(kRatePrecision)); });
  return option;
}

}  // namespace

std::vector<OptionSpec> find_rate_options(FindRatePlan& plan) {
  OptionSpec find = objectives_option(plan.objectives);
  find.names = "--find-rate";
  find.help = "Find the highest rate that meets the objective";
  find.excludes = "--rate";
  OptionSpec to = positive_rate_option("--to", plan.to, "The highest rate to try", {});
  to.initial = "twice a closed loop";
  return {std::move(find),
          positive_rate_option("--from", plan.from, "The lowest rate to try", kFirstRate),
          std::move(to), precision_option(plan.precision),
          positive_rate_option("--require-rate", plan.required,
                               "Exit status 3 if a lower rate is found", {})};
}

void check_find_rate(const LoadPlan& plan) {
  const FindRatePlan& find = plan.find_rate;
  if (!find.wanted()) {
    const std::array<std::pair<const char*, bool>, 4> given{
        {{"--from", find.from.has_value()},
         {"--to", find.to.has_value()},
         {"--precision", find.precision.has_value()},
         {"--require-rate", find.required.has_value()}}};
    for (const auto& [name, is_given] : given) {
      if (is_given) throw UsageError(fmt::format("{} needs --find-rate", name));
    }
    return;
  }
  const std::array<std::pair<const char*, bool>, 4> others{
      {{"--count", plan.count != 0},
       {"--share", plan.share.has_value()},
       {"--start-at", plan.start_at.has_value()},
       {"several addresses", plan.has_several_targets()}}};
  for (const auto& [name, is_given] : others) {
    if (is_given) throw UsageError(fmt::format("--find-rate and {} cannot both be given", name));
  }
  const double from = find.from.value_or(kFirstRate);
  if (find.to && *find.to < from) {
    throw UsageError(fmt::format("--to {} is below --from {}", *find.to, from));
  }
}

}  // namespace echo
