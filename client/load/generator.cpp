#include "client/load/generator.h"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// So many at once: a crowd of connection requests must not overflow the server's backlog.
constexpr std::uint64_t kConnectingAtOnce = 128;

nanoseconds check_period(const LoadOptions& options) {
  const nanoseconds shortest = std::min(options.timeout, options.connect_timeout);
  return std::clamp<nanoseconds>(shortest / 10, 1ms, 100ms);
}

}  // namespace

Generator::Generator(const Job& job, unsigned number, std::uint64_t connections, WakeEvent& news)
    : job_(job),
      asked_(connections),
      news_(news),
      context_{job.options, job.payload, job.endpoints},
      thread_("generator-" + std::to_string(number), [this] { run(); }) {}

Generator::~Generator() {
  stop();
}

void Generator::connect() {
  connecting_ = true;
  wake_.signal();
}

void Generator::start(const Timeline& timeline, const Schedule& schedule, std::uint64_t first,
                      std::uint64_t connections) {
  timeline_ = timeline;
  context_.schedule = schedule;
  first_index_ = first;
  all_connections_ = connections;
  started_ = true;
  wake_.signal();
}

void Generator::stop() {
  stop_ = true;
  wake_.signal();
}

std::unique_ptr<IntervalPart> Generator::take_part() {
  const std::lock_guard lock(parts_mutex_);
  if (parts_.empty()) return nullptr;
  auto part = std::move(parts_.front());
  parts_.pop_front();
  return part;
}

void Generator::give_back(std::unique_ptr<IntervalPart> part) {
  part->latency.clear();
  const std::lock_guard lock(parts_mutex_);
  spare_parts_.push_back(std::move(part));
}

void Generator::run() {
  // Whatever happens the owner must learn that nothing more will come.
  struct Farewell {
    ~Farewell() {
      self.stage_ = Stage::finished;
      self.news_.signal();
    }
    Generator& self;
  } farewell{*this};

  // The default slack of 50 us would be part of every measured lateness: prctl(2).
  ::prctl(PR_SET_TIMERSLACK, 1);
  context_.epoll.add(wake_.descriptor(), EPOLLIN, nullptr);
  while (!connecting_ && !stop_) step(SteadyTime::max());
  connect_all();
  stage_ = Stage::ready;
  news_.signal();
  wait_for_start();
  if (!started_) return;
  stage_ = Stage::running;
  begin_to_send();
  load();
}

void Generator::connect_all() {
  std::uint64_t opened = 0;
  next_check_ = Clock::now();
  for (std::uint64_t settled = 0; settled < asked_ && !stop_;) {
    while (opened < asked_ && opened - settled < kConnectingAtOnce) {
      const auto& sources = job_.sources;
      const Endpoint* source = sources.empty() ? nullptr : &sources[opened % sources.size()];
      connections_.push_back(std::make_unique<Connection>(context_, source));
      connections_.back()->connect();
      ++opened;
    }
    step(next_check_);
    check_deadlines(Clock::now());
    settled = opened - static_cast<std::uint64_t>(std::ranges::count(
                           connections_, Connection::State::connecting, &Connection::state));
  }
  std::erase_if(connections_,
                [](const auto& one) { return one->state() != Connection::State::up; });
  context_.recorder.counters.connections.asked = asked_;
  context_.recorder.counters.connections.made = connections_.size();
  context_.stage = Context::Stage::running;
}

void Generator::wait_for_start() {
  while (!started_ && !stop_) {
    const SteadyTime now = Clock::now();
    check_deadlines(now);
    step(next_check_);
  }
}

void Generator::step(SteadyTime deadline) {
  for (const epoll_event& event : context_.epoll.wait(deadline)) {
    if (event.data.ptr == nullptr) {
      wake_.clear();
    } else {
      static_cast<Connection*>(event.data.ptr)->on_ready(event.events);
    }
  }
}

void Generator::check_deadlines(SteadyTime now) {
  if (now < next_check_) return;
  next_check_ = now + check_period(job_.options);
  for (const auto& connection : connections_) connection->check_deadlines(now);
}

}  // namespace echo::load
