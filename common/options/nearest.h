#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace echo {

// The known word that an unknown one was most likely meant to be: one that it begins, or one that a
// slip of the fingers or two turns it into. Nothing if all are too different.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace echo
