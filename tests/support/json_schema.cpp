#include "tests/support/json_schema.h"

#include <algorithm>

namespace echo::testing {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "string") return value.is_string();
  return type == "array" ? value.is_array() : type == "object" && value.is_object();
}

class Checker {
 public:
  explicit Checker(const json& schema) : root_(schema) {}

  void check(const json& schema, const json& value, const std::string& place) {
    if (schema.contains("$ref")) {
      const auto target = schema.at("$ref").get<std::string>().substr(1);
      check(root_.at(json::json_pointer(target)), value, place);
    }
    check_value(schema, value, place);
    if (value.is_object() && schema.contains("properties")) check_object(schema, value, place);
    if (value.is_object() && schema.contains("additionalProperties")) {
      for (const auto& [key, part] : value.items()) {
        check(schema.at("additionalProperties"), part, place + "/" + key);
      }
    }
    if (value.is_array() && schema.contains("items")) {
      for (const json& part : value) check(schema.at("items"), part, place + "/items");
    }
  }

  std::vector<std::string> faults;

 private:
  void check_value(const json& schema, const json& value, const std::string& place) {
    if (schema.contains("type")) {
      const json& type = schema.at("type");
      const json types = type.is_array() ? type : json::array({type});
      const bool fits = std::ranges::any_of(
          types, [&](const json& one) { return has_type(value, one.get<std::string>()); });
      if (!fits) faults.push_back(place + " has another type: " + value.dump().substr(0, 80));
    }
    if (schema.contains("const") && value != schema.at("const")) faults.push_back(place + " const");
    if (schema.contains("enum") && std::ranges::count(schema.at("enum"), value) == 0) {
      faults.push_back(place + " is none of the words: " + value.dump());
    }
    if (schema.contains("minimum") && value.is_number() && value < schema.at("minimum")) {
      faults.push_back(place + " is too small: " + value.dump());
    }
  }

  void check_object(const json& schema, const json& value, const std::string& place) {
    for (const json& key : schema.at("required")) {
      if (!value.contains(key.get<std::string>())) {
        faults.push_back(place + " lacks " + key.dump());
      }
    }
    for (const auto& [key, part] : value.items()) {
      if (!schema.at("properties").contains(key)) {
        faults.push_back(place + "/" + key + " is not described");
      } else {
        check(schema.at("properties").at(key), part, place + "/" + key);
      }
    }
  }

  const json& root_;
};

}  // namespace

std::vector<std::string> schema_faults(const json& schema, const json& value) {
  Checker checker(schema);
  checker.check(schema, value, "");
  return checker.faults;
}

}  // namespace echo::testing
