#include "common/monitoring/http_pages.h"

#include <exception>

#include "common/logging.h"

namespace echo {
namespace {

constexpr const char* kMethods = "GET, HEAD";

bool is_allowed(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

// A proxy is asked for "http://host/path", and a server must take that too: RFC 9112, 3.2.2.
std::string_view path_of(std::string_view url) {
  if (url.starts_with('/')) return url;
  constexpr std::string_view kBeforeHost = "://";
  const std::size_t scheme_end = url.find(kBeforeHost);
  if (scheme_end == url.npos) return url;
  const std::size_t path = url.find('/', scheme_end + kBeforeHost.size());
  return path == url.npos ? "/" : url.substr(path);
}

}  // namespace

HttpPages::HttpPages(const HttpRoutes& routes) {
  for (const auto& [path, route] : routes) pages_.emplace(path, Page{.route = route});
}

bool HttpPages::waits(std::string_view url, std::string_view method) const {
  const auto found = pages_.find(path_of(url));
  return found != pages_.end() && found->second.route.waits && is_allowed(method);
}

MHD_Result HttpPages::answer(MHD_Connection* request, std::string_view url,
                             std::string_view method) {
  if (!is_allowed(method)) {
    const ResponsePointer refusal = make({.body = "only GET and HEAD\n"});
    if (refusal) MHD_add_response_header(refusal.get(), MHD_HTTP_HEADER_ALLOW, kMethods);
    return MHD_queue_response(request, MHD_HTTP_METHOD_NOT_ALLOWED, refusal.get());
  }
  const auto found = pages_.find(path_of(url));
  if (found == pages_.end()) {
    const ResponsePointer none = make({.body = "not found\n"});
    return MHD_queue_response(request, MHD_HTTP_NOT_FOUND, none.get());
  }
  const Page& page = fresh(found->second);
  return MHD_queue_response(request, page.status, page.response.get());
}

const HttpPages::Page& HttpPages::fresh(Page& page) {
  const auto now = std::chrono::steady_clock::now();
  if (!page.response || now - page.made >= page.route.fresh) {
    const HttpResponse made = content(page.route);
    page.response = make(made);
    page.status = static_cast<unsigned>(made.status);
    page.made = now;
  }
  return page;
}

HttpResponse HttpPages::content(const HttpRoute& route) try {
  return route.make();
} catch (const std::exception& error) {
  failed_.log(Level::err, "http_failed", "a page for monitoring failed: {what}", error.what());
  return {.status = 500, .body = "failed\n"};
}

// Empty if there is no memory: then it cannot be queued, and the library closes the connection.
HttpPages::ResponsePointer HttpPages::make(const HttpResponse& from) {
  // It is copied, so the body is not changed: the parameter is not const for other modes.
  ResponsePointer response(MHD_create_response_from_buffer(
      from.body.size(), const_cast<char*>(from.body.data()), MHD_RESPMEM_MUST_COPY));
  if (!response) return response;
  MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONTENT_TYPE, from.type.c_str());
  // One request for each connection, whose deadline is then the request's.
  MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONNECTION, "close");
  return response;
}

}  // namespace echo
