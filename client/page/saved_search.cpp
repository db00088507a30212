#include "client/page/saved_search.h"

#include <fmt/format.h>

#include <initializer_list>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "client/results/durations.h"

namespace echo {
namespace {

using SortedJson = nlohmann::json;

std::runtime_error wrong_search(const char* key) {
  return std::runtime_error(
      fmt::format("'find_rate' has a '{}' that echoc load does not write", key));
}

double amount_of(const SortedJson& json, const char* key) {
  const double value = json.at(key).get<double>();
  if (!(value >= 0)) throw wrong_search(key);
  return value;
}

template <typename Word>
Word word_of(const SortedJson& json, const char* key, std::initializer_list<Word> words) {
  const auto text = json.at(key).get<std::string>();
  for (const Word one : words) {
    if (name(one) == text) return one;
  }
  throw wrong_search(key);
}

RateTrial trial_of(const SortedJson& json) {
  RateTrial trial;
  trial.asked = amount_of(json, "rate");
  trial.achieved = amount_of(json, "achieved");
  trial.duration = from_seconds(amount_of(json, "duration_s"));
  trial.confirming = json.at("confirming").get<bool>();
  trial.verdict =
      word_of(json, "verdict", {TrialVerdict::met, TrialVerdict::missed, TrialVerdict::unknown});
  trial.values = json.at("values").get<std::vector<std::string>>();
  return trial;
}

}  // namespace

FoundRate parse_found_rate(const SortedJson& json) {
  FoundRate found;
  found.objectives = json.at("objectives").get<std::vector<std::string>>();
  found.from = amount_of(json, "from");
  found.to = amount_of(json, "to");
  found.precision = amount_of(json, "precision");
  found.required = amount_of(json, "required");
  found.rate = amount_of(json, "rate");
  found.confirmed = json.at("confirmed").get<bool>();
  found.complete = json.at("complete").get<bool>();
  if (!json.at("next_failed").is_null()) found.next_failed = amount_of(json, "next_failed");
  found.limited_by =
      word_of(json, "limited_by",
              {LimitedBy::rate, LimitedBy::server, LimitedBy::generator, LimitedBy::connections});
  for (const SortedJson& one : json.at("trials")) found.trials.push_back(trial_of(one));
  return found;
}

}  // namespace echo
