#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "common/options/option_kinds.h"

namespace echo {

CommandSpec talk_command(TalkOptions& options) {
  return {
      .name = "talk",
      .summary = "Send standard input to the server, and its bytes to standard output",
      .options = {peer_argument(options.address), connect_timeout_option(options.connect_timeout),
                  duration_option("--timeout", options.timeout,
                                  "End when nothing comes for this long after the end of input; "
                                  "0 = never")},
      .sections = {
          {.text = "At the end of input it half-closes the connection and waits for the rest."},
          {.title = "Exit status",
           .rows = {{"0", "Everything came back"},
                    {"1", "No connection, or less came back than was sent"},
                    {"2", "Wrong usage"},
                    {"4", "Bytes came back wrong"}}},
          {.title = "Examples",
           .rows = {{"echoc 127.0.0.1:7007", "What you type comes back"},
                    {"echoc :7007 <file >copy", "Leaves copy equal to file"}}}}};
}

}  // namespace echo
