#include "client/command_line/fleet_options.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "client/command_line/utf8.h"
#include "client/load/schedule.h"
#include "common/options/option_kinds.h"
#include "common/units.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr std::size_t kLongestLabel = 100;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::uint64_t variable(const char* name, const Environment& environment, const char* who) {
  const char* const value = environment(name);
  if (value == nullptr) {
    throw std::invalid_argument(fmt::format("{} is not set; {} sets it", name, who));
  }
  try {
    if (is_digits(value)) return parse_count(value);
  } catch (const std::invalid_argument&) {
  }
  throw std::invalid_argument(fmt::format("{} is '{}', which is not a number", name, value));
}

// Variables count from 0, shares from 1.
Share counted_from_0(const char* name, std::uint64_t index, std::uint64_t parts) {
  if (index < parts) return {index + 1, parts};
  throw std::invalid_argument(
      fmt::format("{} is {}, which is not a number from 0 to {}", name, index, parts - 1));
}

Share slurm_share(const Environment& environment) {
  constexpr const char* kSlurm = "srun of Slurm";
  const std::uint64_t parts = variable("SLURM_NTASKS", environment, kSlurm);
  if (parts == 0 || parts > kMostShares) {
    throw std::invalid_argument(
        fmt::format("SLURM_NTASKS is {}, which is not a number from 1 to {}", parts, kMostShares));
  }
  return counted_from_0("SLURM_PROCID", variable("SLURM_PROCID", environment, kSlurm), parts);
}

OptionSpec share_option(LoadPlan& plan) {
  OptionSpec option = option_of(
      "--share", "I/N",
      "Be generator I of N: connections, rate and count are totals, split exactly; slurm takes "
      "both from srun, N alone takes I from an indexed Job of Kubernetes",
      [&plan](const std::string& text) {
        plan.share = share_asked_for(text, [](const char* name) { return std::getenv(name); });
      },
      [&plan] { return plan.share ? plan.share->text() : std::string(); });
  option.initial.clear();
  return option;
}

OptionSpec start_at_option(LoadPlan& plan) {
  OptionSpec option = option_of(
      "--start-at", "TIME", "Connect at that time: RFC 3339, or @ and seconds since 1970",
      [&plan](const std::string& text) {
        const auto moment = parse_moment(text);
        const auto now = std::chrono::system_clock::now();
        if (moment <= now) {
          const std::chrono::duration<double> ago = now - moment;
          throw std::invalid_argument(
              fmt::format("'{}' has passed, {:.1f} s ago", text, ago.count()));
        }
        plan.start_at = moment;
      },
      [] { return std::string(); });
  option.initial.clear();
  return option;
}

OptionSpec label_option(LoadPlan& plan) {
  OptionSpec option =
      text_option("--label", "NAME", "a name", plan.label, "Name of the run in its result");
  option.parse = [parse = std::move(option.parse)](const std::string& text) {
    if (text.size() > kLongestLabel) {
      throw std::invalid_argument(fmt::format("'{}' is longer than {} bytes", text, kLongestLabel));
    }
    if (!is_utf8(text)) throw std::invalid_argument(fmt::format("'{}' is not UTF-8", text));
    parse(text);
  };
  return option;
}

}  // namespace

std::vector<OptionSpec> fleet_options(LoadPlan& plan) {
  return {share_option(plan), start_at_option(plan), label_option(plan)};
}

Share share_asked_for(const std::string& text, const Environment& environment) {
  if (text == "slurm") return slurm_share(environment);
  if (!is_digits(text)) {
    try {
      return Share::parse(text);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}, nor slurm, nor a number", error.what()));
    }
  }
  const std::uint64_t parts = parse_count_in(text, {.lowest = 1, .highest = kMostShares});
  constexpr const char* kIndex = "JOB_COMPLETION_INDEX";
  return counted_from_0(kIndex, variable(kIndex, environment, "an indexed Job of Kubernetes"),
                        parts);
}

void take_share(LoadPlan& plan) {
  if (!plan.share) return;
  const std::uint64_t part = plan.share->part;
  const std::uint64_t parts = plan.share->parts;
  const auto take = [&](std::uint64_t& total, const char* option, const char* what) {
    const std::uint64_t left = load::share(total, part - 1, parts);
    if (left == 0) {
      throw UsageError(
          fmt::format("--share: {} leaves no {} to this generator: {} must be at "
                      "least {}, not {}",
                      plan.share->text(), what, option, parts, total));
    }
    total = left;
  };
  take(plan.connections, "--connections", "connection");
  if (plan.count != 0) take(plan.count, "--count", "message");
  plan.rate /= static_cast<double>(parts);
}

}  // namespace echo
