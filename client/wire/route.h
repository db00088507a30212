#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/address.h"

namespace echo {

// What became of one address of a server.
struct AddressUse {
  Endpoint endpoint;
  std::uint64_t connections = 0;  // that it answered
  std::uint64_t failures = 0;     // attempts that failed
  std::string why;                // of the last one that failed
};

// The addresses of one server in the order in which to try them: the one that answered last is
// first, the others follow as they were resolved. Thread rule: one thread.
class Route {
 public:
  // REQUIRES: at least one endpoint.
  explicit Route(const std::vector<Endpoint>& endpoints);

  // The name was resolved again. What became of addresses that are gone is kept; no endpoint at all
  // changes nothing.
  void replace(const std::vector<Endpoint>& endpoints);

  // The number of the address to try next where these were tried; none if that is all. By number
  // rather than by place, because the order changes while others dial. A number stays valid,
  // whatever is resolved later.
  std::optional<std::size_t> next(std::span<const std::size_t> tried) const;
  const Endpoint& endpoint(std::size_t number) const { return uses_[number].endpoint; }

  void answered(std::size_t number);
  void failed(std::size_t number, const std::string& why);

  // A dialer has tried them all in vain. The name may stand for others by now.
  void exhausted() { ++exhausted_; }
  std::uint64_t times_exhausted() const { return exhausted_; }

  // All addresses ever tried, and those that were not.
  const std::vector<AddressUse>& uses() const { return uses_; }

  // "tried 127.0.0.1:7007 (Connection refused), ..." of all that failed.
  std::string tried() const;

 private:
  std::size_t add(const Endpoint& endpoint);

  std::vector<AddressUse> uses_;
  std::vector<std::size_t> order_;
  std::uint64_t exhausted_ = 0;
};

}  // namespace echo
