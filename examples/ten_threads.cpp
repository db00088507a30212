// Ten threads say who they are: ten_threads
// They run at the same time, so the order of the lines is another in each run.
#include <deque>
#include <string>

#include "common/console.h"
#include "common/thread.h"

int main() {
  // A deque, because it never moves what it holds: a running thread refers to its own object.
  std::deque<echo::Thread> threads;
  for (int i = 1; i <= 10; ++i) {
    threads.emplace_back("hello-" + std::to_string(i), [] {
      echo::print("Hello from thread " + std::to_string(echo::Thread::current_number()) + "\n");
    });
  }
  echo::print("main started " + std::to_string(threads.size()) + " threads\n");
}  // the destructor of each Thread waits for its end
