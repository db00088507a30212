#include "client/idle/finding.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/client/idle/made_findings.h"

namespace echo::testing {
namespace {

using Findings = std::vector<Finding>;

TEST_CASE("the bounds are the longest survivor and the shortest silence that killed") {
  const Findings findings{spoke(30s, Verdict::alive), spoke(60s, Verdict::alive),
                          spoke(4min, Verdict::reset_on_speaking),
                          spoke(350s, Verdict::no_answer, 5s)};
  const auto bounds = idle::bounds_of(findings);
  CHECK(bounds.alive == 60s);
  CHECK(bounds.dead == 4min);
  CHECK_FALSE(bounds.alive_above);
  CHECK(bounds.killer == &findings[2]);
}

TEST_CASE("a connection that ended by itself counts with the time at which it did") {
  const Findings findings{spoke(60s, Verdict::alive), ended(350s, Verdict::closed, 300s)};
  CHECK(idle::bounds_of(findings).dead == 300s);
  CHECK(findings[1].died_while_silent());
}

TEST_CASE("a message that left late counts with the silence that there was") {
  Finding finding = spoke(2s, Verdict::reset_on_speaking);
  finding.silence = 2005ms;
  CHECK(finding.deadly_silence() == 2s);
  finding.silence = 3s;
  CHECK(finding.deadly_silence() == 3s);
}

TEST_CASE("neither wrong bytes nor a failed connection is a bound") {
  const Findings findings{spoke(30s, Verdict::wrong_bytes), without_verdict(60s, "cannot connect")};
  const auto bounds = idle::bounds_of(findings);
  CHECK_FALSE(bounds.alive);
  CHECK_FALSE(bounds.dead);
  CHECK(bounds.killer == nullptr);
}

TEST_CASE("a survivor above a silence that killed is kept apart") {
  const Findings findings{spoke(30s, Verdict::alive), spoke(60s, Verdict::no_answer),
                          spoke(4min, Verdict::alive)};
  const auto bounds = idle::bounds_of(findings);
  CHECK(bounds.alive == 30s);
  CHECK(bounds.dead == 60s);
  CHECK(bounds.alive_above == 4min);
}

}  // namespace
}  // namespace echo::testing
