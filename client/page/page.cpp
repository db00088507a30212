#include "client/page/page.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <string_view>

#include "client/page/headline.h"
#include "client/page/page_data.h"
#include "client/page/side_by_side.h"
#include "client/page/web_files.h"

namespace echo {
namespace {

std::string html_escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

// Puts a text in the place of each {{name}}; what is put in is not looked at again.
std::string filled(std::string_view page, const std::map<std::string, std::string>& texts) {
  std::string result;
  while (true) {
    const std::size_t begin = page.find("{{");
    result += page.substr(0, begin);
    if (begin == page.npos) return result;
    const std::size_t end = page.find("}}", begin);
    result += texts.at(std::string(page.substr(begin + 2, end - begin - 2)));
    page.remove_prefix(end + 2);
  }
}

std::string page_with(const std::vector<SavedRun>& runs, const PageDetail& detail) {
  const std::vector<std::string> names = names_of(runs);
  const std::string title = runs.size() == 1
                                ? "Load of " + shown_text(runs.front().result.target)
                                : fmt::format("{} results beside each other", runs.size());
  return filled(web::template_page(), {{"title", html_escaped(title)},
                                       {"headline", html_escaped(headline(runs, names))},
                                       {"version", ECHO_VERSION},
                                       {"style", std::string(web::style())},
                                       {"data", page_data(runs, detail)},
                                       {"chart_library", std::string(web::chart_library())},
                                       {"formats", std::string(web::formats())},
                                       {"charts", std::string(web::charts())},
                                       {"tables", std::string(web::tables())},
                                       {"search", std::string(web::search())},
                                       {"targets", std::string(web::targets())},
                                       {"report", std::string(web::report())}});
}

}  // namespace

std::string report_page(const std::vector<SavedRun>& runs) {
  constexpr std::size_t kFewestIntervals = 8;
  PageDetail detail;
  for (; detail.intervals >= kFewestIntervals; detail.intervals /= 2) {
    std::string page = page_with(runs, detail);
    if (page.size() <= kLargestPage) return page;
    detail.curve = CurveDetail::coarse;
  }
  throw std::runtime_error(
      fmt::format("{} results do not fit on a page of {} KiB; report on fewer of them", runs.size(),
                  kLargestPage / 1024));
}

}  // namespace echo
