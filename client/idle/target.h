#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/idle/options.h"
#include "client/idle/result.h"
#include "client/idle/search.h"
#include "client/idle/silent_connection.h"
#include "client/wire/payload.h"
#include "client/wire/route.h"

namespace echo::idle {

// What all connections of a run share.
struct Shared {
  Patience patience;
  Payload payload;
  std::uint64_t streams = 0;  // of the payload that are taken
};

// The gaps that are asked for, in their order, with the required one.
std::vector<std::chrono::nanoseconds> asked_gaps(const Options& options);

// The most connections that one target has at once.
std::size_t connections_at_once(const Options& options);

// One server that is probed: all gaps at once, or step after step of a search. Thread rule: one
// thread.
class Target {
 public:
  using Connections = std::vector<std::unique_ptr<SilentConnection>>;

  // Options and what is shared must outlive it. REQUIRES: at least one endpoint.
  Target(std::string name, const std::vector<Endpoint>& endpoints, const Options& options,
         Shared& shared);
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  void begin(SteadyTime now);

  // Takes the connections that are over, ends those that can teach nothing more, and begins the
  // next step of the search if there is one.
  void collect(SteadyTime now);

  bool is_over() const { return running_.empty(); }
  const Connections& running() const { return running_; }
  std::size_t step() const { return search_ ? search_->steps() : 0; }

  // With the gaps that are not finished.
  TargetResult result() const;

 private:
  void learn(const Finding& finding);
  void open(const std::vector<std::chrono::nanoseconds>& gaps, SteadyTime now);

  const std::string name_;
  const Options& options_;
  Shared& shared_;
  Route route_;
  std::optional<Search> search_;
  Connections running_;
  std::vector<Finding> findings_;
};

}  // namespace echo::idle
