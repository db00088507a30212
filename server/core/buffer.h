#pragma once

#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace echo {

// Where the bytes of a connection lie between receive and send. A quiet connection has room for a
// message; one that fills it gets room for a stream until it is quiet again. A worker that serves
// many connections has one Buffer for all, which is large from the start.
// Thread rule: the worker's alone.
class Buffer {
 public:
  static constexpr std::size_t kSmall = 1024;
  static constexpr std::size_t kLarge = 128 * 1024;

  // Mapped, so that the system has the memory back at once: free(3) would keep it.
  struct Unmap {
    void operator()(std::byte* bytes) const { ::munmap(bytes, kLarge); }
  };
  using Large = std::unique_ptr<std::byte, Unmap>;

  Buffer() = default;
  struct Shared {};
  explicit Buffer(Shared) : shared_(true) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // For the next bytes, when those before them are gone. Where there is no memory for a large
  // buffer the small one has to do.
  std::span<std::byte> space() {
    if ((small_was_full_ || shared_) && !large_) large_.reset(map());
    if (small_receives_ == kFewInARow && !shared_) large_.reset();
    small_was_full_ = false;
    if (large_) return {large_.get(), kLarge};
    return small_;
  }

  // How many bytes came into the space.
  void received(std::size_t count) {
    small_was_full_ = !large_ && count == kSmall;
    small_receives_ = large_ && count <= kSmall ? small_receives_ + 1 : 0;
  }

  // No bytes came for a long time.
  void release_large() { large_.reset(); }

  // The large buffer with what is in it, if there is one.
  Large take() { return std::move(large_); }

 private:
  // A stream now and then brings few bytes at once.
  static constexpr unsigned kFewInARow = 64;

  static std::byte* map() {
    void* bytes =
        ::mmap(nullptr, kLarge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return bytes == MAP_FAILED ? nullptr : static_cast<std::byte*>(bytes);
  }

  Large large_;
  const bool shared_ = false;
  unsigned small_receives_ = 0;  // receives in a row that had no need of the large buffer
  bool small_was_full_ = false;  // the small one
  std::array<std::byte, kSmall> small_;
};

}  // namespace echo
