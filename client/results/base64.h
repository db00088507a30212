#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace echo {

// RFC 4648, section 4, with padding.
std::string to_base64(const std::vector<unsigned char>& bytes);
std::vector<unsigned char> from_base64(std::string_view text);  // throws std::runtime_error

}  // namespace echo
