#pragma once

#include <string_view>

namespace echo {

// Whether the text is UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing cut.
bool is_utf8(std::string_view text);

}  // namespace echo
