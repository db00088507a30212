#pragma once

#include <stdexcept>
#include <string>

#include "tests/support/socket.h"

namespace echo::testing {

struct HttpAnswer {
  int status = 0;
  std::string headers;
  std::string body;
};

// Sends a request as it is and reads the answer until the server closes.
inline HttpAnswer http_request(const std::string& address, const std::string& request) {
  Socket client = Socket::connect(address);
  client.send(request);
  const std::string all = client.receive_until_end();
  const std::size_t end = all.find("\r\n\r\n");
  if (!all.starts_with("HTTP/1.") || end == all.npos) {
    throw std::runtime_error("no HTTP answer: '" + all + "'");
  }
  return {std::stoi(all.substr(9, 3)), all.substr(0, end), all.substr(end + 4)};
}

inline HttpAnswer http_get(const std::string& address, const std::string& path) {
  return http_request(address, "GET " + path + " HTTP/1.0\r\nHost: test\r\n\r\n");
}

}  // namespace echo::testing
