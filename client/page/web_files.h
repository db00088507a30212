#pragma once

#include <string_view>

namespace echo::web {

// The files in client/page/web and Chart.js, which the build makes part of the program
// (cmake/embed.cmake). Any thread.
std::string_view template_page();
std::string_view style();
std::string_view formats();
std::string_view charts();
std::string_view tables();
std::string_view search();
std::string_view targets();
std::string_view report();
std::string_view chart_library();

}  // namespace echo::web
