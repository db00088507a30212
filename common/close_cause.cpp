#include "common/close_cause.h"

namespace echo {

std::string_view name(CloseCause cause) {
  switch (cause) {
    case CloseCause::none:
      return "none";
    case CloseCause::peer_closed:
      return "peer_closed";
    case CloseCause::peer_reset:
      return "peer_reset";
    case CloseCause::unreachable:
      return "unreachable";
    case CloseCause::idle:
      return "idle";
    case CloseCause::stalled:
      return "stalled";
    case CloseCause::lifetime:
      return "lifetime";
    case CloseCause::drained:
      return "drained";
    case CloseCause::full:
      return "full";
    case CloseCause::per_address:
      return "per_address";
    case CloseCause::denied:
      return "denied";
    case CloseCause::no_resources:
      return "no_resources";
    case CloseCause::error:
      return "error";
  }
  return "error";
}

}  // namespace echo
