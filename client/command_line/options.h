#pragma once

#include <stdexcept>
#include <string>
#include <variant>

#include "client/commands/ping.h"
#include "client/commands/talk.h"
#include "client/load/run.h"
#include "client/results/merge.h"

namespace echo {

// Help or version: all there is to do is to print it.
struct ShowText {
  std::string text;
};

using Command =
    std::variant<ShowText, TalkOptions, PingOptions, load::LoadOptions, load::MergeOptions>;

// A command line that makes no sense; the message is one line for the user.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws UsageError.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace echo
