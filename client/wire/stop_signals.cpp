#include "client/wire/stop_signals.h"

#include <signal.h>

namespace echo {

Signals stop_signals() {
  struct sigaction hangup {};
  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler == SIG_IGN) return Signals{SIGINT, SIGTERM, SIGQUIT};
  return Signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
}

}  // namespace echo
