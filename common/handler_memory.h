#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include <asio/bind_allocator.hpp>

namespace echo {

// Memory for one Asio handler at a time, so that a wait can be started again when there is none
// left: acceptor.async_wait(..., memory.bind(handler)). Asio returns it before it calls the
// handler. A second handler at the same time gets ordinary memory.
// Thread rule: one thread at a time starts operations with it; it may be gone before they end.
class HandlerMemory {
 public:
  template <typename Handler>
  auto bind(Handler handler) const {
    return asio::bind_allocator(Allocator<std::byte>(storage_), std::move(handler));
  }

 private:
  struct Storage {
    alignas(std::max_align_t) std::array<std::byte, 256> bytes;
    bool used = false;
  };

  template <typename T>
  class Allocator {
   public:
    using value_type = T;

    explicit Allocator(std::shared_ptr<Storage> storage) : storage_(std::move(storage)) {}
    template <typename U>
    Allocator(const Allocator<U>& other) : storage_(other.storage_) {}

    T* allocate(std::size_t count) const {
      const std::size_t size = count * sizeof(T);
      if (storage_->used || size > storage_->bytes.size()) {
        return static_cast<T*>(::operator new(size));
      }
      storage_->used = true;
      return reinterpret_cast<T*>(storage_->bytes.data());
    }

    void deallocate(T* memory, std::size_t /*count*/) const {
      if (reinterpret_cast<std::byte*>(memory) != storage_->bytes.data()) {
        return ::operator delete(memory);
      }
      storage_->used = false;
    }

    template <typename U>
    bool operator==(const Allocator<U>& other) const {
      return storage_ == other.storage_;
    }

   private:
    template <typename U>
    friend class Allocator;
    std::shared_ptr<Storage> storage_;
  };

  // Shared with the handler, which lives until its io_context is gone.
  std::shared_ptr<Storage> storage_ = std::make_shared<Storage>();
};

}  // namespace echo
