#include "client/results/json_socket.h"

#include <optional>

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json unless_zero(std::uint64_t size) {
  return size == 0 ? Json() : Json(size);
}

template <typename Value>
std::optional<Value> value_if_any(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<Value>();
}

}  // namespace

Json socket_json(const SocketOptions& asked) {
  return {{"dscp", or_null(asked.dscp)},
          {"congestion", asked.congestion.empty() ? Json() : Json(asked.congestion)},
          {"send_buffer", unless_zero(asked.send_buffer)},
          {"receive_buffer", unless_zero(asked.receive_buffer)},
          {"no_nodelay", asked.no_nodelay}};
}

Json socket_json(const EffectiveSocket& effective) {
  return {{"dscp", or_null(effective.dscp)},
          {"congestion", or_null(effective.congestion)},
          {"send_buffer", effective.send_buffer},
          {"receive_buffer", effective.receive_buffer},
          {"nodelay", or_null(effective.nodelay)}};
}

Json socket_json(const Result& result) {
  Json json = socket_json(result.plan.socket);
  json["effective"] = result.socket ? socket_json(*result.socket) : Json();
  return json;
}

void read_socket(Result& result, const nlohmann::json& options) {
  SocketOptions& asked = result.plan.socket;
  asked.dscp = value_if_any<unsigned>(options, "dscp");
  asked.congestion = value_if_any<std::string>(options, "congestion").value_or("");
  asked.send_buffer = value_if_any<std::uint64_t>(options, "send_buffer").value_or(0);
  asked.receive_buffer = value_if_any<std::uint64_t>(options, "receive_buffer").value_or(0);
  asked.no_nodelay = value_if_any<bool>(options, "no_nodelay").value_or(false);
  const auto effective = value_if_any<nlohmann::json>(options, "effective");
  if (!effective) return;
  result.socket =
      EffectiveSocket{.dscp = value_if_any<unsigned>(*effective, "dscp"),
                      .congestion = value_if_any<std::string>(*effective, "congestion"),
                      .send_buffer = effective->at("send_buffer").get<std::uint64_t>(),
                      .receive_buffer = effective->at("receive_buffer").get<std::uint64_t>(),
                      .nodelay = value_if_any<bool>(*effective, "nodelay")};
}

}  // namespace echo
