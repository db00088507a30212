#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/results/hlog.h"
#include "client/results/result.h"

namespace echo {

// Adds what was counted and timed; not what was asked for, nor when. Throws std::overflow_error.
void add_measurements(Result& sum, const Result& next);

// The sum of the results in files. Thread rule: one thread at a time.
class MergedResult {
 public:
  enum class Kind { none, json, hlog };

  // Adds a JSON result or a .hlog file, as a whole or not at all. What is wrong with it is added to
  // the problems. Throws UsageError if the file is not of the same kind as the first one.
  void add_file(const std::string& path);

  Kind kind() const { return kind_; }
  const Result& result() const { return result_; }
  const std::vector<std::string>& problems() const { return problems_; }
  // How many of the result's generators are in it once more, because a file was given twice.
  std::uint64_t repeated() const { return repeated_; }

 private:
  void add_text(const std::string& path, const std::string& text);
  void look_for_repeated(const std::string& path, const std::string& text, std::uint64_t before);
  void add_json(const std::string& path, const std::string& text);
  void add_hlog(const std::string& path, const std::string& text);
  void add(const std::string& path, const Result& next);
  void refuse_another_mode(const std::string& path, const Result& next) const;
  void compare(const std::string& path, const Result& next);
  void compare_shares(const std::string& path, const Result& next);
  void compare_loops(const std::string& path, const HlogSummary& summary);

  Kind kind_ = Kind::none;
  Result result_;
  std::string first_path_;
  std::optional<bool> open_loop_;  // of .hlog files
  std::vector<std::string> problems_;
  std::map<std::string, std::string> paths_;  // by the text that was found there first
  std::uint64_t repeated_ = 0;
};

}  // namespace echo
