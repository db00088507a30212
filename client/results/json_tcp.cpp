#include "client/results/json_tcp.h"

#include "client/results/saved_values.h"

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

Json spread_json(const char* unit, const Spread& spread) {
  const bool is_empty = spread.count == 0;
  return {{"unit", unit},
          {"count", spread.count},
          {"min", is_empty ? Json() : Json(spread.min)},
          {"mean", is_empty ? Json() : Json(spread.mean())},
          {"max", is_empty ? Json() : Json(spread.max)}};
}

Spread spread_of(const nlohmann::json& json) {
  Spread spread;
  spread.count = count_of(json, "count");
  if (spread.count == 0) return spread;
  spread.min = count_of(json, "min");
  spread.max = count_of(json, "max");
  spread.sum = json.at("mean").get<double>() * static_cast<double>(spread.count);
  return spread;
}

}  // namespace

Json tcp_json(const Result& result) {
  if (!result.tcp) return Json();
  Json json{{"connections", result.tcp->connections},
            {"connections_affected", result.tcp->affected},
            {"retransmissions", result.tcp->retransmissions}};
  for_each_spread(*result.tcp, [&](const char* key, const char* unit, const Spread& spread) {
    json[key] = spread_json(unit, spread);
  });
  return json;
}

void read_tcp(Result& result, const nlohmann::json& json) {
  const auto found = json.find("tcp");
  if (found == json.end() || found->is_null()) return;
  TcpSummary& tcp = result.tcp.emplace();
  tcp.connections = count_of(*found, "connections");
  tcp.affected = count_of(*found, "connections_affected");
  tcp.retransmissions = count_of(*found, "retransmissions");
  for_each_spread(tcp, [&](const char* key, const char*, Spread& spread) {
    spread = spread_of(found->at(key));
  });
}

}  // namespace echo
