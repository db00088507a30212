#include "common/close_cause.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

namespace echo {
namespace {

TEST_CASE("close causes have the words that logs and results use") {
  CHECK(name(CloseCause::none) == "none");
  CHECK(name(CloseCause::peer_closed) == "peer_closed");
  CHECK(name(CloseCause::peer_reset) == "peer_reset");
  CHECK(name(CloseCause::unreachable) == "unreachable");
  CHECK(name(CloseCause::idle) == "idle");
  CHECK(name(CloseCause::drained) == "drained");
  CHECK(name(CloseCause::no_resources) == "no_resources");
  CHECK(name(CloseCause::error) == "error");
}

TEST_CASE("every close cause has a word of its own") {
  std::set<std::string_view> words;
  for (int i = 0; i < kCloseCauses; ++i) words.insert(name(static_cast<CloseCause>(i)));
  CHECK(words.size() == kCloseCauses);
}

TEST_CASE("what closes a connection before it is served is a refusal and nothing else is") {
  std::set<std::string_view> words;
  for (int i = 0; i < kCloseCauses; ++i) {
    const auto cause = static_cast<CloseCause>(i);
    if (is_refusal(cause)) words.insert(name(cause));
  }
  CHECK(words == std::set<std::string_view>{"full", "per_address", "denied", "no_resources"});
}

}  // namespace
}  // namespace echo
