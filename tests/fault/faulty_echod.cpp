#include "tests/fault/faulty_echod.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "common/thread.h"
#include "tests/support/eventually.h"
#include "tests/support/preload.h"
#include "tests/support/proc.h"

namespace echo::testing {
namespace {

std::vector<std::string> on_any_port(const std::vector<std::string>& options) {
  std::vector<std::string> result{"--listen", "127.0.0.1:0", "--heartbeat", "0"};
  result.insert(result.end(), options.begin(), options.end());
  return result;
}

}  // namespace

FaultyEchod::FaultyEchod(const std::vector<std::string>& options,
                         const std::vector<std::string>& faults, const EchodSetup& setup)
    : echod_(on_any_port(options), with_faults(setup, faults)) {
  const std::string& workers = setup.workers;
  check_echo();
  REQUIRE(eventually([&] { return worker_threads(echod_.id()) == steady_workers(workers); }));
  descriptors_ = open_descriptors(echod_.id());
  threads_ = threads(echod_.id());
}

FaultyEchod::~FaultyEchod() {
  if (!echod_.process().running()) return;
  CHECK_NOTHROW(CHECK(echod_.stop() == 0));
}

std::string preload_from(const TemporaryFolder& folder) {
  return preload(folder, SANITIZER_RUNTIME, FAULTY_LIBRARY);
}

EchodSetup FaultyEchod::with_faults(EchodSetup setup,
                                    const std::vector<std::string>& faults) const {
  if (faults.empty()) return setup;
  auto& environment = setup.process.environment;
  environment.insert(environment.end(), faults.begin(), faults.end());
  environment.push_back("FAULTY_WHILE=" + folder_.file("on"));
  environment.push_back(preload_from(folder_));
  environment.push_back("FAULTY_NTH=" + nth_file());
  return setup;
}

void FaultyEchod::turn_on() {
  std::ofstream(folder_.file("on")) << "on";
}

void FaultyEchod::turn_off() {
  std::filesystem::remove(folder_.file("on"));
}

void FaultyEchod::check_echo() const {
  Socket client = connect();
  CHECK(echo_of(client, pattern(65536)) == pattern(65536));
}

void FaultyEchod::check_healthy() {
  REQUIRE(echod_.process().running());
  check_echo();
  CHECK(eventually([&] {
    return open_descriptors(echod_.id()) == descriptors_ && threads(echod_.id()) == threads_;
  }));
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

long number_after(const std::string& text, const std::string& name) {
  return std::stol(text.substr(text.find(name) + name.size()));
}

std::string echo_of(Socket& client, const std::string& text) {
  Thread sender("sender", [&] {
    if (client.try_send(text)) client.finish_sending();
  });
  return client.receive_until_end();
}

double processor_load(pid_t process, std::chrono::milliseconds window) {
  const ProcessorLoad load(process);
  std::this_thread::sleep_for(window);
  return load.of_busiest_thread();
}

}  // namespace echo::testing
