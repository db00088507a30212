#include "client/results/histogram_codec.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "client/results/base64.h"

namespace echo {
namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::uint32_t kCompressed = 0x1c849314;
constexpr std::uint32_t kPlain = 0x1c849313;
constexpr std::size_t kPlainHeader = 40;

template <typename T>
void put(Bytes& bytes, T value) {
  const auto bits = static_cast<std::uint64_t>(value);
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<unsigned char>(bits >> shift));
  }
}

// ZigZag LEB128 of at most nine bytes, of which the ninth is used whole.
void put_count(Bytes& bytes, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 0; i < 8; ++i) {
    if (rest < 0x80) {
      bytes.push_back(static_cast<unsigned char>(rest));
      return;
    }
    bytes.push_back(static_cast<unsigned char>(rest | 0x80));
    rest >>= 7;
  }
  bytes.push_back(static_cast<unsigned char>(rest));
}

// Up to the highest bucket in use; a run of n empty ones is the number -n.
Bytes counts_of(const Histogram& histogram) {
  Bytes bytes;
  std::int64_t zeros = 0;
  for (const std::uint64_t count : histogram.counts()) {
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros == 1) put_count(bytes, 0);
    if (zeros > 1) put_count(bytes, -zeros);
    zeros = 0;
    put_count(bytes, static_cast<std::int64_t>(count));
  }
  if (bytes.empty()) put_count(bytes, -1);
  return bytes;
}

template <typename T>
T get(const Bytes& bytes, std::size_t at) {
  if (at + sizeof(T) > bytes.size()) throw std::runtime_error("a histogram is cut short");
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) bits = (bits << 8) | bytes[at + i];
  return static_cast<T>(bits);
}

std::int64_t take_count(const Bytes& bytes, std::size_t& at) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 9; ++i) {
    if (at == bytes.size()) throw std::runtime_error("a histogram is cut short");
    const std::uint64_t byte = bytes[at++];
    bits |= (i < 8 ? byte & 0x7f : byte) << (7 * i);
    if (i < 8 && byte < 0x80) break;
  }
  return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
}

Bytes inflate(const Bytes& bytes) {
  // As large as the counts can get: nine bytes each.
  uLongf size = kPlainHeader + 9 * Histogram::kLayout.size();
  Bytes plain(size);
  if (bytes.size() < 8 || get<std::uint32_t>(bytes, 0) != kCompressed) {
    throw std::runtime_error("not a compressed histogram of version 2");
  }
  if (static_cast<std::uint32_t>(get<std::int32_t>(bytes, 4)) != bytes.size() - 8 ||
      ::uncompress(plain.data(), &size, bytes.data() + 8, bytes.size() - 8) != Z_OK) {
    throw std::runtime_error("a histogram is cut short or damaged");
  }
  plain.resize(size);
  return plain;
}

void check_header(const Bytes& plain) {
  if (get<std::uint32_t>(plain, 0) != kPlain || get<std::int32_t>(plain, 8) != 0 ||
      get<std::int32_t>(plain, 12) != Histogram::kLayout.digits ||
      get<std::int64_t>(plain, 16) != Histogram::kLayout.lowest ||
      get<std::int64_t>(plain, 24) != Histogram::kLayout.highest ||
      std::bit_cast<double>(get<std::uint64_t>(plain, 32)) != 1.0) {
    throw std::runtime_error("a histogram with other buckets than those of echoc");
  }
  if (static_cast<std::uint32_t>(get<std::int32_t>(plain, 4)) != plain.size() - kPlainHeader) {
    throw std::runtime_error("a histogram is cut short or damaged");
  }
}

}  // namespace

std::string encode_histogram(const Histogram& histogram) {
  const Bytes counts = counts_of(histogram);
  Bytes plain;
  put(plain, kPlain);
  put(plain, static_cast<std::int32_t>(counts.size()));
  put(plain, std::int32_t{0});
  put(plain, static_cast<std::int32_t>(Histogram::kLayout.digits));
  put(plain, Histogram::kLayout.lowest);
  put(plain, Histogram::kLayout.highest);
  put(plain, std::bit_cast<std::uint64_t>(1.0));
  plain.insert(plain.end(), counts.begin(), counts.end());

  uLongf size = ::compressBound(plain.size());
  Bytes compressed(size);
  ::compress(compressed.data(), &size, plain.data(), plain.size());
  compressed.resize(size);
  Bytes result;
  put(result, kCompressed);
  put(result, static_cast<std::int32_t>(size));
  result.insert(result.end(), compressed.begin(), compressed.end());
  return to_base64(result);
}

Histogram decode_histogram(std::string_view text) {
  const Bytes plain = inflate(from_base64(text));
  check_header(plain);
  Histogram histogram;
  std::size_t index = 0;
  for (std::size_t at = kPlainHeader; at < plain.size();) {
    const std::int64_t count = take_count(plain, at);
    if (count < 0) {
      const std::uint64_t zeros = 0 - static_cast<std::uint64_t>(count);
      index += std::min<std::uint64_t>(zeros, Histogram::kLayout.size());
    } else {
      if (index >= Histogram::kLayout.size()) throw std::runtime_error("too many counts");
      histogram.add_to(index++, static_cast<std::uint64_t>(count));
    }
  }
  return histogram;
}

}  // namespace echo
