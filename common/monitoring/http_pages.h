#pragma once

#include <microhttpd.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/log_limit.h"
#include "common/monitoring/http_route.h"

namespace echo {

// What is answered to which request: GET and HEAD of the pages, whatever the query; 404 for another
// path, 405 for another method, 500 for a page that could not be made. A page that is still fresh
// is answered as it was, so that scraping in a loop costs little. Thread rule: one thread.
class HttpPages {
 public:
  explicit HttpPages(const HttpRoutes& routes);

  // Whether the question comes first.
  bool waits(std::string_view url, std::string_view method) const;

  // MHD_NO if there is no memory for an answer.
  MHD_Result answer(MHD_Connection* request, std::string_view url, std::string_view method);

 private:
  struct Destroy {
    void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
  };
  // The library counts the connections that still send it.
  using ResponsePointer = std::unique_ptr<MHD_Response, Destroy>;
  struct Page {
    HttpRoute route;
    unsigned status = 0;
    ResponsePointer response{};
    std::chrono::steady_clock::time_point made{};
  };

  static ResponsePointer make(const HttpResponse& from);
  HttpResponse content(const HttpRoute& route);
  const Page& fresh(Page& page);

  std::map<std::string, Page, std::less<>> pages_;
  LogLimit failed_;
};

}  // namespace echo
