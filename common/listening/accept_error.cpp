#include "common/listening/accept_error.h"

#include <array>
#include <cstddef>

namespace echo {

std::string_view name(AcceptError kind) {
  constexpr std::array<std::string_view, kAcceptErrors> kNames{"connection", "descriptors",
                                                               "memory", "other"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace echo
