#pragma once

#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace echo {

// Where the bytes of a connection lie between receive and send. A quiet connection has room for a
// message, beside the session; one that fills it gets room for a stream until it is quiet again.
// Thread rule: the worker's alone.
class Buffer {
 public:
  static constexpr std::size_t kSmall = 1024;
  static constexpr std::size_t kLarge = 128 * 1024;

  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // For the next bytes, when those before them are gone. Where there is no memory for a large
  // buffer the small one has to do.
  std::span<std::byte> space() {
    if (filled_ && !large_) large_.reset(map());
    if (few_ == kFewInARow) large_.reset();
    filled_ = false;
    if (large_) return {large_.get(), kLarge};
    return small_;
  }

  // How many bytes came into the space.
  void received(std::size_t count) {
    filled_ = !large_ && count == kSmall;
    few_ = large_ && count <= kSmall ? few_ + 1 : 0;
  }

  // No bytes came for a long time.
  void silent() { large_.reset(); }

  bool is_large() const { return large_ != nullptr; }

 private:
  // A stream now and then brings few bytes at once.
  static constexpr unsigned kFewInARow = 64;

  // Mapped, so that the system has the memory back at once: free(3) would keep it.
  struct Unmap {
    void operator()(std::byte* bytes) const { ::munmap(bytes, kLarge); }
  };
  static std::byte* map() {
    void* bytes =
        ::mmap(nullptr, kLarge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return bytes == MAP_FAILED ? nullptr : static_cast<std::byte*>(bytes);
  }

  std::unique_ptr<std::byte, Unmap> large_;
  unsigned few_ = 0;     // receives in a row that had no need of the large buffer
  bool filled_ = false;  // the small one
  std::array<std::byte, kSmall> small_;
};

}  // namespace echo
