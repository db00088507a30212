#include "client/wire/route.h"

#include <fmt/format.h>

#include <algorithm>

namespace echo {

Route::Route(const std::vector<Endpoint>& endpoints) {
  for (const Endpoint& endpoint : endpoints) order_.push_back(add(endpoint));
}

void Route::replace(const std::vector<Endpoint>& endpoints) {
  if (endpoints.empty()) return;
  const std::size_t first = order_.front();
  order_.clear();
  for (const Endpoint& endpoint : endpoints) order_.push_back(add(endpoint));
  const auto found = std::ranges::find(order_, first);
  if (found != order_.end() && uses_[first].connections > 0) {
    std::rotate(order_.begin(), found, found + 1);
  }
}

std::optional<std::size_t> Route::next(std::span<const std::size_t> tried) const {
  const auto found = std::ranges::find_if(order_, [tried](std::size_t number) {
    return std::ranges::find(tried, number) == tried.end();
  });
  if (found == order_.end()) return std::nullopt;
  return *found;
}

void Route::answered(std::size_t number) {
  ++uses_[number].connections;
  const auto found = std::ranges::find(order_, number);
  if (found != order_.end()) std::rotate(order_.begin(), found, found + 1);
}

void Route::failed(std::size_t number, const std::string& why) {
  ++uses_[number].failures;
  uses_[number].why = why;
}

std::string Route::tried() const {
  std::string text;
  for (const AddressUse& use : uses_) {
    if (use.failures == 0) continue;
    text +=
        fmt::format("{}{} ({})", text.empty() ? "tried " : ", ", to_text(use.endpoint), use.why);
  }
  return text;
}

std::size_t Route::add(const Endpoint& endpoint) {
  const auto found = std::ranges::find(uses_, endpoint, &AddressUse::endpoint);
  if (found == uses_.end()) uses_.push_back({endpoint, 0, 0, {}});
  return static_cast<std::size_t>(std::ranges::find(uses_, endpoint, &AddressUse::endpoint) -
                                  uses_.begin());
}

}  // namespace echo
